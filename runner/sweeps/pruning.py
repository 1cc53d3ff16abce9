"""The callback that prunes a trial which is worse than others were at the same epoch."""

from __future__ import annotations

from typing import Any

from runner.base.compat import trial_of
from runner.base.errors import PrunedError
from runner.base.lazy import keras
from runner.base.objective import OBJECTIVES
from runner.base.option_types import Natural
from runner.sweeps.study import open_study


def pruning(
    seed: int,
    *,
    storage: str,
    study: str,
    trial: Natural,
    startup_trials: Natural,
    warmup_epochs: Natural,
) -> keras.callbacks.Callback:
    """Report the validation error of each epoch of a trial's first seed to its study.

    Args:
        seed: without effect; epochs that an earlier seed reported are not reported again.
        storage: address of the study's database.
        study: name of the study.
        trial: number of the trial.
        startup_trials: see `runner.sweeps.study.open_study`.
        warmup_epochs: see there.
    """
    del seed
    opened = open_study(storage, study, startup_trials, warmup_epochs)
    current, reported = trial_of(opened, trial)

    class _Pruning(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch in reported:
                return  # a later seed: only the first is compared
            objective = next(each for each in OBJECTIVES if each.keras_metric in logs)
            value = objective.validation_value(logs)
            current.report(value, epoch)
            if current.should_prune():
                result = f"validation {objective.title} {objective.text(value)}"
                raise PrunedError(f"{result} after epoch {epoch + 1}")

    return _Pruning()
