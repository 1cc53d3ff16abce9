"""Configurations drawn at random: a choice in each group, and options changed."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from runner.config import composition
from runner.config.component import annotation
from runner.config.messages import dotted_keys
from runner.config.run_config import Config
from runner.config.search_path import group_files

SINGLE = ("dataset", "model", "optimizer", "schedule")
LISTS = ("augmentation", "callbacks", "baselines", "figures")
UNTOUCHED = ("tracking", "sweep", "init_from", "resume", "source", "device", "weights", "path")
"""Parts that name files, stores or other runs."""

TINY = ("dataset=regression",)
"""Tables of fewer rows than a batch usually has."""

JUNK: list[Any] = [
    None,
    -1,
    0,
    1.5,
    "",
    "x y",
    "{",
    True,
    [],
    [None],
    {"a": 1},
    10**30,
    float("nan"),
]


@dataclass(frozen=True)
class Drawn:
    """A configuration: what was chosen in the groups, and the options that were changed."""

    choices: tuple[str, ...]
    options: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """Return it composed, in plain containers."""
        plain = composed(self.choices)
        for key, value in self.options.items():
            *outer, last = key.split(".")
            part = plain
            for name in outer:
                part = part[name]
            part[last] = value
        return plain

    def overrides(self) -> list[str]:
        """Return it as it is written on a command line."""
        return [*self.choices, *(f"{key}={written(each)}" for key, each in self.options.items())]

    def is_named_in(self, message: str) -> bool:
        """Tell whether a refusal names what was chosen or changed."""
        names = [key.rpartition(".")[2] for key in self.options]
        names += [choice.partition("=")[2] for choice in self.choices]
        names += [key for key in dotted_keys(composed(self.choices)) if "." in key]
        return any(name in message for name in names if name != "[]")


@st.composite
def drawn(draw: st.DrawFn, datasets: list[str], models: list[str], junk: bool) -> Drawn:
    """Draw a configuration.

    Args:
        draw: of Hypothesis.
        datasets: to choose from.
        models: likewise.
        junk: whether values of other types are drawn, too.
    """
    of = {"dataset": datasets, "model": models}
    choices = [
        f"{group}={draw(st.sampled_from(of.get(group) or named(group)))}" for group in SINGLE
    ]
    for group in LISTS:
        some = draw(st.lists(st.sampled_from(named(group)), max_size=2, unique=True))
        several = [name for name in some if name != "none"]
        choices.append(f"{group}=[{','.join(several)}]")
    keys = declared(tuple(choices))
    options = {}
    for key in draw(st.lists(st.sampled_from(sorted(keys)), max_size=4, unique=True)):
        values = valid(keys[key])
        options[key] = draw(values | st.sampled_from(JUNK) if junk else values)
    return Drawn(tuple(choices), options)


@cache
def named(group: str) -> list[str]:
    return [path.stem for path in group_files(group)]


def composed(choices: tuple[str, ...]) -> dict[str, Any]:
    copied: dict[str, Any] = _copied(_composed(choices))
    return copied


def _composed(choices: tuple[str, ...]) -> dict[str, Any]:
    """Compose as Hydra does, which would take minutes, from parts that it composed once."""
    plain = _part("")
    for choice in choices:
        key, _, value = choice.partition("=")
        if key in LISTS:
            names = [name for name in value.strip("[]").split(",") if name]
            plain = plain | {key: {name: _all(key)[name] for name in names}}
        else:
            plain = plain | {key.partition(".")[0]: _part(choice)[key.partition(".")[0]]}
    return plain


def _all(group: str) -> dict[str, Any]:
    """Return every choice of a group that takes several."""
    names = ",".join(name for name in named(group) if name != "none")
    return dict(_part(f"{group}=[{names}]")[group])


@cache
def _part(choice: str) -> dict[str, Any]:
    return composition.compose_plain([choice] if choice else [])


@cache
def declared(choices: tuple[str, ...]) -> dict[str, Any]:
    """Return the type of each option in a composed configuration, by its dotted key."""
    plain = composed(choices)
    return dict(_declared(Config, plain, ""))


def _declared(kind: Any, plain: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        if field.name in UNTOUCHED or field.name not in plain:
            continue
        hint, value, key = hints[field.name], plain[field.name], f"{prefix}{field.name}"
        if isinstance(value, dict) and "_target_" in value:
            yield from _of_component(value, key)
        elif field.name in LISTS:
            for name, one in value.items():
                yield from _of_component(one, f"{key}.{name}")
        elif is_dataclass(hint) and isinstance(value, dict):
            yield from _declared(hint, value, f"{key}.")
        else:
            yield key, hint


def _of_component(plain: dict[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    module, _, name = plain["_target_"].rpartition(".")
    function = getattr(__import__(module, fromlist=[name]), name)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in plain and parameter.name not in UNTOUCHED:
            yield f"{key}.{parameter.name}", annotation(function, parameter)


def valid(kind: Any) -> st.SearchStrategy[Any]:
    """Return small values of a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _within(arguments[0], _limits(arguments[1:]))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of([valid(each) for each in arguments])
    if origin in (list, tuple):
        return st.lists(valid(arguments[0]), min_size=1, max_size=3)
    if origin is dict:
        return st.dictionaries(valid(arguments[0]), valid(arguments[1]), max_size=2)
    return _within(kind, {})


def _limits(metadata: tuple[Any, ...]) -> dict[str, float]:
    """Return ge, gt, le and lt of a pydantic field."""
    found = [item for one in metadata if isinstance(one, FieldInfo) for item in one.metadata]
    names = ("ge", "gt", "le", "lt")
    return {name: getattr(one, name) for one in found for name in names if hasattr(one, name)}


def _within(kind: Any, limits: dict[str, float]) -> st.SearchStrategy[Any]:
    """Return small values of a type that is no container, or of one with limits of its length."""
    if get_origin(kind):
        return valid(kind)
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return st.fixed_dictionaries({name: valid(hint) for name, hint in hints.items()})
    low = limits.get("ge", limits.get("gt", -3))
    high = min(limits.get("le", limits.get("lt", low + 20)), low + 20)
    below = limits.get("lt") == high
    simple: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(int(low) + ("gt" in limits), int(high)),
        float: st.floats(low, high, allow_nan=False, exclude_min="gt" in limits, exclude_max=below),
        str: st.sampled_from(["a", "conv", "1"]),
        NoneType: st.none(),
    }
    return simple.get(kind, st.just(1))


def written(value: Any) -> str:
    """Write a value in Hydra's grammar."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return "'" + value.replace("'", "\\'") + "'"
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{written(each)}" for key, each in value.items()) + "}"
    return repr(value)


def _copied(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: _copied(value) for key, value in plain.items()}
    return [_copied(value) for value in plain] if isinstance(plain, list) else plain
