"""Optimizers: plain functions from a learning-rate schedule and options to a Keras optimizer.

The options are Keras' own, with its defaults. `ema` is the momentum of an exponential moving
average of the weights, which replaces them when training ends; 0 keeps the last weights.
"""

from __future__ import annotations

from typing import Any

from runner.base.lazy import keras
from runner.base.option_types import Fraction, NonNegative, Positive
from runner.training.schedules import Schedule


def adam(
    schedule: Schedule,
    *,
    learning_rate: Positive,
    beta_1: Fraction,
    beta_2: Fraction,
    epsilon: Positive,
    ema: Fraction,
) -> keras.optimizers.Optimizer:
    """Build Adam (Kingma and Ba 2014)."""
    rate = schedule.rate(learning_rate)
    return keras.optimizers.Adam(rate, beta_1, beta_2, epsilon, **_average(ema))


def adamw(
    schedule: Schedule,
    *,
    learning_rate: Positive,
    weight_decay: NonNegative,
    beta_1: Fraction,
    beta_2: Fraction,
    epsilon: Positive,
    ema: Fraction,
) -> keras.optimizers.Optimizer:
    """Build Adam with decoupled weight decay (Loshchilov and Hutter 2017)."""
    rate = schedule.rate(learning_rate)
    return keras.optimizers.AdamW(rate, weight_decay, beta_1, beta_2, epsilon, **_average(ema))


def sgd(
    schedule: Schedule,
    *,
    learning_rate: Positive,
    momentum: Fraction,
    nesterov: bool,
    weight_decay: NonNegative,
    ema: Fraction,
) -> keras.optimizers.Optimizer:
    """Build stochastic gradient descent, with momentum where it is not 0."""
    rate = schedule.rate(learning_rate)
    return keras.optimizers.SGD(rate, momentum, nesterov, weight_decay or None, **_average(ema))


def rmsprop(
    schedule: Schedule,
    *,
    learning_rate: Positive,
    rho: Fraction,
    momentum: Fraction,
    epsilon: Positive,
    centered: bool,
    ema: Fraction,
) -> keras.optimizers.Optimizer:
    """Build RMSprop (Hinton 2012)."""
    rate = schedule.rate(learning_rate)
    return keras.optimizers.RMSprop(rate, rho, momentum, epsilon, centered, **_average(ema))


def _average(ema: float) -> dict[str, Any]:
    return {"use_ema": True, "ema_momentum": ema} if ema else {}
