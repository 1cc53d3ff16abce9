"""Types of options in words, for the configuration reference."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from runner.base import option_types
from runner.config.component import Component
from runner.config.dataset_config import Names
from runner.config.entries import BaselineConfig, TrackingConfig

_PLAIN: dict[Any, str] = {
    int: "whole number",
    float: "number",
    str: "text",
    bool: "true or false",
    NoneType: "null",
    Any: "any value",
    Component: "a component: `_target_` and its options",
    BaselineConfig: "a baseline and its options",
    TrackingConfig: "a store of runs and its options",
}
_NAMED = {
    str(option_types.Interval): "[low, high]",
    str(option_types.FolderName): "a name that a folder can have",
    str(Names): "for each language, a list of names; or null",
}
"""Types whose checks no constraint of pydantic says."""

_BOUNDS = (("ge", "from {}"), ("gt", "above {}"), ("le", "to {}"), ("lt", "below {}"))


def type_text(declared: Any) -> str:
    """Return a type in words; of an unknown one its name."""
    if text := _NAMED.get(str(declared)) or _PLAIN.get(declared):
        return text
    origin, arguments = get_origin(declared), get_args(declared)
    if origin is None:
        name = str(getattr(declared, "__name__", declared))
        return f"mapping with the keys of {name}" if is_dataclass(declared) else name
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is Annotated:
        bounds = ", ".join(_bounds(declared.__metadata__))
        return " ".join(filter(None, [type_text(arguments[0]), bounds]))
    return _containing(origin, arguments)


def _containing(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin in (Union, UnionType):  # null last
        ordered = sorted(arguments, key=lambda one: one is NoneType)
        return "; or ".join(type_text(one) for one in ordered)
    if origin is dict:
        return f"mapping of {type_text(arguments[0])} to {type_text(arguments[1])}"
    return f"list of: {type_text(arguments[0])}"


def _bounds(metadata: Iterable[Any]) -> Iterable[str]:
    for note in metadata:
        for constraint in note.metadata if isinstance(note, FieldInfo) else ():
            for name, words in _BOUNDS:
                if (bound := getattr(constraint, name, None)) is not None:
                    yield words.format(f"{bound:,}")


def first_sentence(documented: Callable[..., Any]) -> str:
    """Return the first sentence of a docstring."""
    text = inspect.getdoc(documented) or ""
    return " ".join(text.partition("\n\n")[0].split())
