"""The space of a search: values in Hydra's grammar of sweeps.

`choice(a,b)`, `range(5,30,step=5)`, `interval(0.1,0.5)`, `tag(log,interval(1e-4,1e-2))`; an
interval between two integers gives integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep

from runner.base.errors import ConfigurationError
from runner.base.lazy import optuna
from runner.config.command_line import parse_overrides

_DIGITS = 3


@dataclass(frozen=True)
class _Parameter:
    key: str
    name: str
    override: Override

    def suggest(self, trial: optuna.trial.BaseTrial) -> str:
        value = self.override.value()
        if isinstance(value, IntervalSweep):
            return _suggest_between(trial, self.name, value)
        if isinstance(value, RangeSweep) and all(isinstance(v, int) for v in value.range()):
            numbers = list(value.range())
            step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
            return str(trial.suggest_int(self.name, numbers[0], numbers[-1], step=step))
        return str(trial.suggest_categorical(self.name, self.candidates()))

    def candidates(self) -> list[str]:
        """Return every value, or both ends of an interval."""
        value = self.override.value()
        if isinstance(value, IntervalSweep):
            return [_text(value.start), _text(value.end)]
        if self.override.is_discrete_sweep():
            return list(self.override.sweep_string_iterator())
        return [self.override.get_value_element_as_str()]


class Space:
    """The values that vary in a search.

    Args:
        always: KEY: EXPRESSION of values that vary in every trial.
        when: for KEY=VALUE, the values that vary in trials with that choice.

    Raises:
        ConfigurationError: an expression is wrong, or a condition can never be true.
    """

    def __init__(self, always: Mapping[str, str], when: Mapping[str, Mapping[str, str]]) -> None:
        self._always = _parse(always, "")
        self._when = {condition: _parse(more, condition) for condition, more in when.items()}
        chosen = {parameter.key: parameter.candidates() for parameter in self._always}
        for condition in when:
            key, _, value = condition.partition("=")
            if value not in chosen.get(key, []):
                raise ConfigurationError(
                    f"sweep.search.when.{condition}: {value or 'nothing'} is not among the choices "
                    f"of {key} in sweep.search.space"
                )

    def suggest(self, trial: optuna.trial.BaseTrial) -> dict[str, str]:
        """Draw values for a trial; return KEY: VALUE."""
        choices = {parameter.key: parameter.suggest(trial) for parameter in self._always}
        for condition, parameters in self._when.items():
            key, _, value = condition.partition("=")
            if choices[key] == value:
                choices |= {parameter.key: parameter.suggest(trial) for parameter in parameters}
        return choices

    def samples(self) -> Iterator[dict[str, str]]:
        """Yield a few choices that together contain every value."""
        yield from _each_value(self._always, {})
        first = next(_each_value(self._always, {}))
        for condition, parameters in self._when.items():
            key, _, value = condition.partition("=")
            yield from _each_value(parameters, first | {key: value})


def _each_value(parameters: list[_Parameter], beside: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield choices that advance all parameters at once, until every value has occurred."""
    values = {parameter.key: parameter.candidates() for parameter in parameters}
    for number in range(max(map(len, values.values()), default=0)):
        yield beside | {key: of[number % len(of)] for key, of in values.items()}


def _parse(expressions: Mapping[str, str], condition: str) -> list[_Parameter]:
    overrides = parse_overrides([f"{k}={v}" for k, v in expressions.items()])
    parameters = []
    for key, override in zip(expressions, overrides, strict=True):
        name = f"{key} [{condition}]" if condition else key
        parameters.append(_Parameter(key, name, override))
        if not parameters[-1].candidates():
            raise ConfigurationError(f"sweep.search: {override.input_line} has no values")
    return parameters


def _suggest_between(trial: optuna.trial.BaseTrial, name: str, interval: IntervalSweep) -> str:
    low, high = interval.start, interval.end
    assert low is not None
    assert high is not None
    log = "log" in interval.tags
    if isinstance(low, int) and isinstance(high, int):
        return str(trial.suggest_int(name, low, high, log=log))
    return _text(trial.suggest_float(name, low, high, log=log))


def _text(value: float | None) -> str:
    return str(value) if isinstance(value, int) else f"{value:.{_DIGITS}g}"
