"""The Optuna study of a search, shared by several processes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from runner.base.errors import DAMAGE, DataError
from runner.base.lazy import optuna, sqlalchemy

_WAIT_FOR_LOCK = 60  # seconds
_LONGEST = 200


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

    Raises:
        DataError: the database is damaged, or none that can be used.
    """
    with _naming(url):
        storage = open_storage(url)
        _check_whole(storage)
        summaries = optuna.get_all_study_summaries(storage)
        trials = {study.study_name: study.n_trials for study in summaries}
        # another seed at each start: the same one would propose the same trials again
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=startup_trials,
            multivariate=True,
            group=True,
            seed=trials.get(name, 0),
        )
        study = optuna.create_study(
            storage=storage,
            sampler=sampler,
            pruner=optuna.pruners.MedianPruner(startup_trials, warmup_epochs),
            study_name=name,
            load_if_exists=True,
        )
        study.get_trials(deepcopy=False)  # what cannot be read is found now, not by a later trial
        return study


def _check_whole(storage: optuna.storages.RDBStorage) -> None:
    """Raise ValueError where SQLite finds a fault, which else the trial that meets it would."""
    if storage.engine.dialect.name != "sqlite":
        return
    with storage.engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if found != "ok":
        raise ValueError(found)


@contextmanager
def _naming(url: str) -> Iterator[None]:
    """Name a database in one line where it cannot be used."""
    try:
        yield
    except (
        *DAMAGE,
        *(TypeError, AttributeError, AssertionError),
        sqlalchemy.exc.SQLAlchemyError,
        optuna.exceptions.OptunaError,
    ) as error:
        reason = " ".join(str(error).partition("[SQL:")[0].split())[:_LONGEST]
        raise DataError(
            f"{url}: no study can be read from this database: {reason}; restore it, or remove it "
            "and begin the search anew"
        ) from error
