"""Keras callbacks of conf/callbacks, made anew for every seed."""

from __future__ import annotations

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
    return keras.callbacks.ModelCheckpoint(path, monitor=monitor, save_best_only=save_best_only)
