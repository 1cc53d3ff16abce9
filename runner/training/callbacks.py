"""Keras callbacks of conf/callbacks, made anew for every seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.base.atomic_files import replacing
from runner.base.lazy import keras
from runner.base.option_types import Count, Monitor, Natural, NonNegative


def early_stopping(
    seed: int,
    *,
    monitor: Monitor,
    patience: Count,
    min_delta: NonNegative,
    restore_best_weights: bool,
    start_from_epoch: Natural,
) -> keras.callbacks.Callback:
    """Stop when `monitor` has not improved for `patience` epochs; keep the best weights."""
    del seed
    return keras.callbacks.EarlyStopping(
        monitor=monitor,
        patience=patience,
        min_delta=min_delta,
        restore_best_weights=restore_best_weights,
        start_from_epoch=start_from_epoch,
    )


def checkpoint(
    seed: int,
    *,
    monitor: Monitor,
    save_best_only: bool,
    path: str,
) -> keras.callbacks.Callback:
    """Save the network after an epoch.

    Args:
        seed: of the training.
        monitor: what "best" means.
        save_best_only: whether a worse network leaves the file alone.
        path: of the file; {seed} in it is replaced, and {epoch} by Keras.
    """
    path = path.replace("{seed}", str(seed))

    class _Checkpoint(keras.callbacks.ModelCheckpoint):  # type: ignore[misc]
        def set_model(self, model: keras.Model) -> None:
            super().set_model(_SavedWhole(model))

    return _Checkpoint(path, monitor=monitor, save_best_only=save_best_only)


class _SavedWhole:
    """A network whose earlier file stays whole until the new one is: Keras writes over it."""

    def __init__(self, model: keras.Model) -> None:
        self._network = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def save(self, path: str, **options: Any) -> None:
        """Save the network under another name first."""
        with replacing(Path(path)) as part:
            self._network.save(part, **options)
