"""The optimizer of a stage of training, with its learning rate from a schedule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runner.base.compat import leave_gradients, rate_of, replace_rate
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.config.run_config import Config
from runner.training.schedules import Schedule


def scheduled_optimizer(
    config: Config, schedule: Schedule, steps_before: keras.Variable, variables: list[Any]
) -> keras.optimizers.Optimizer:
    """Build the configured optimizer.

    Args:
        config: of the run.
        schedule: of the learning rate.
        steps_before: steps that another training took, with which the schedule does not count.
        variables: that are trained.

    Raises:
        ConfigurationError: the optimizer does not take its learning rate from the schedule.
    """
    rates: list[float] = []

    def rate(learning_rate: float) -> Any:
        rates.append(learning_rate)
        return schedule.rate(learning_rate)

    optimizer = config.optimizer(replace(schedule, rate=rate))
    if not rates:
        name = config.optimizer.function.__name__
        raise ConfigurationError(
            f"optimizer={name} ignores its schedule: pass it schedule.rate(learning_rate)"
        )
    optimizer.build(variables)
    leave_gradients(optimizer)
    over_steps = rate_of(optimizer)
    if isinstance(over_steps, keras.optimizers.schedules.LearningRateSchedule):
        replace_rate(optimizer, lambda: over_steps(optimizer.iterations - steps_before))
    return optimizer
