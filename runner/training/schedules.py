"""Learning-rate schedules: plain functions from the length of training and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.option_types import Count, Fraction, Monitor, NonNegative, Positive


@dataclass(frozen=True)
class Schedule:
    """How the learning rate develops.

    Attributes:
        rate: from the configured learning rate to what the optimizer takes: a number, or a Keras
            schedule over gradient steps. Every optimizer function calls it.
        callbacks: what changes the rate between epochs.
    """

    rate: Callable[[float], Any]
    callbacks: list[keras.callbacks.Callback] = field(default_factory=list)


def constant(steps_per_epoch: int, epochs: int) -> Schedule:
    """Keep the learning rate."""
    del steps_per_epoch, epochs
    return Schedule(rate=lambda learning_rate: learning_rate)


def fixed(steps_per_epoch: int, epochs: int, *, learning_rate: Positive) -> Schedule:
    """Keep a learning rate of its own, whatever the optimizer's is, as fine-tuning does."""
    del steps_per_epoch, epochs
    return Schedule(rate=lambda _: learning_rate)


def cosine(
    steps_per_epoch: int,
    epochs: int,
    *,
    warmup_epochs: NonNegative,
    final_fraction: Fraction,
) -> Schedule:
    """Fall along half a cosine (Loshchilov and Hutter 2016), after a linear rise from 0.

    Args:
        steps_per_epoch: gradient steps in an epoch.
        epochs: of the whole training.
        warmup_epochs: length of the rise; less than `epochs`.
        final_fraction: of the learning rate, reached at the last step.

    Raises:
        ConfigurationError: the rise would not end before training does.
    """
    if epochs and warmup_epochs >= epochs:
        raise ConfigurationError(
            f"schedule.warmup_epochs={warmup_epochs}: expected fewer than training.epochs={epochs}"
        )
    warmup = round(warmup_epochs * steps_per_epoch)
    steps = max(1, steps_per_epoch * epochs - warmup)

    def rate(peak: float) -> Any:
        if not warmup:
            return keras.optimizers.schedules.CosineDecay(peak, steps, alpha=final_fraction)
        return keras.optimizers.schedules.CosineDecay(
            0.0, steps, alpha=final_fraction, warmup_target=peak, warmup_steps=warmup
        )

    return Schedule(rate)


def one_cycle(
    steps_per_epoch: int,
    epochs: int,
    *,
    pct_start: Fraction,
    initial_fraction: Fraction,
    final_fraction: Fraction,
) -> Schedule:
    """Rise linearly to the learning rate, then fall far below it along a cosine (Smith 2018).

    Args:
        steps_per_epoch: gradient steps in an epoch.
        epochs: of the whole training.
        pct_start: fraction of all steps until the learning rate is reached.
        initial_fraction: of the learning rate, at the first step.
        final_fraction: of the learning rate, at the last step.
    """
    total = steps_per_epoch * epochs
    up = max(1, round(pct_start * total))

    def rate(peak: float) -> Any:
        return keras.optimizers.schedules.CosineDecay(
            initial_fraction * peak,
            max(1, total - up),
            alpha=final_fraction,
            warmup_target=peak,
            warmup_steps=up,
        )

    return Schedule(rate)


def plateau(
    steps_per_epoch: int,
    epochs: int,
    *,
    monitor: Monitor,
    factor: Fraction,
    patience: Count,
    min_lr: Positive,
) -> Schedule:
    """Multiply the learning rate by `factor` whenever `monitor` stops improving.

    Args:
        steps_per_epoch: gradient steps in an epoch.
        epochs: of the whole training.
        monitor: loss, accuracy, val_loss or val_accuracy.
        factor: by which the rate is multiplied.
        patience: epochs without improvement before that.
        min_lr: the rate is not reduced below it.
    """
    del steps_per_epoch, epochs
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor=monitor, factor=factor, patience=patience, min_lr=min_lr
    )
    return Schedule(lambda learning_rate: learning_rate, [callback])


def range_test(
    steps_per_epoch: int, epochs: int, *, lowest: Positive, highest: Positive
) -> Schedule:
    """Rise exponentially over the whole training (Smith 2017), as `runner lr-find` needs it.

    Args:
        steps_per_epoch: gradient steps in an epoch.
        epochs: of the whole training.
        lowest: learning rate of the first step, whatever the optimizer's is.
        highest: of the last one.

    Raises:
        ConfigurationError: the highest rate is not above the lowest.
    """
    if highest <= lowest:
        raise ConfigurationError(
            f"schedule.highest={highest}: expected more than schedule.lowest={lowest}"
        )
    steps = max(1, steps_per_epoch * epochs - 1)
    rising = keras.optimizers.schedules.ExponentialDecay
    return Schedule(rate=lambda _: rising(lowest, steps, highest / lowest))
