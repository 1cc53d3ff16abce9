"""The Optuna study of a search, shared by several processes."""

from __future__ import annotations

import warnings

from runner.base.lazy import optuna

_WAIT_FOR_LOCK = 60  # seconds


def open_storage(url: str) -> optuna.storages.RDBStorage:
    """Open the database at an SQLAlchemy address, and create it if it does not exist."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    wait = {"connect_args": {"timeout": _WAIT_FOR_LOCK}} if url.startswith("sqlite") else {}
    return optuna.storages.RDBStorage(url, engine_kwargs=wait)


def open_study(url: str, name: str, startup_trials: int, warmup_epochs: int) -> optuna.Study:
    """Open or create a study with TPE as sampler and the median rule as pruner.

    Args:
        url: of the database.
        name: of the study.
        startup_trials: number of trials that are drawn at random, before any is pruned.
        warmup_epochs: number of epochs of each trial before it may be pruned.
    """
    storage = open_storage(url)
    trials = {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage)}
    # another seed at each start: the same one would propose the same trials again
    sampler = optuna.samplers.TPESampler(
        n_startup_trials=startup_trials, multivariate=True, group=True, seed=trials.get(name, 0)
    )
    return optuna.create_study(
        storage=storage,
        sampler=sampler,
        pruner=optuna.pruners.MedianPruner(startup_trials, warmup_epochs),
        study_name=name,
        load_if_exists=True,
    )
