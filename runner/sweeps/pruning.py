"""A callback that gives up a trial which does worse than the others did at the same epoch."""

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
        seed: of the training; what was reported of an earlier one is left as it is.
        storage: address of the study's database.
        study: name of the study.
        trial: number of the trial.
        startup_trials: see `runner.sweeps.study.open_study`.
        warmup_epochs: see there too.
    """
    del seed
    opened = open_study(storage, study, startup_trials, warmup_epochs)
    own, reported = trial_of(opened, trial)

    class _Pruning(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch in reported:
                return  # a later seed: only the first is compared
            objective = next(m for m in OBJECTIVES if m.keras_metric in logs)
            value = objective.validation_value(logs)
            own.report(value, epoch)
            if own.should_prune():
                said = f"validation {objective.title} {objective.text(value)}"
                raise PrunedError(f"{said} after epoch {epoch + 1}")

    return _Pruning()
