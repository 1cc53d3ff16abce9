"""A function named in YAML by `_target_`, with its options checked against its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, partial
from importlib import import_module
from typing import Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, create_model

from runner.base.option_types import Role
from runner.config.groups import Group


class OptionsError(ValueError):
    """Options of a component that do not fit its function; `errors` are pydantic's."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__(str(error))
        self.errors = error.errors


@dataclass(frozen=True)
class Component:
    """A plain function and the keyword arguments YAML gives it.

    Only the function's keyword-only parameters are options; the positional ones come from the
    program when the component is called.
    """

    function: Callable[..., Any]
    options: dict[str, Any]

    def __call__(self, *arguments: Any) -> Any:
        """Call the function with the program's arguments and the configured options."""
        return self.function(*arguments, **self.options)

    def as_plain(self) -> dict[str, Any]:
        """Return the mapping with `_target_` that `parse_component` takes."""
        target = f"{self.function.__module__}.{self.function.__qualname__}"
        return {"_target_": target} | {k: as_plain(v) for k, v in self.options.items()}

    def options_in(self, role: Role) -> dict[str, Any]:
        """Return the options whose declared types have a role, by name."""
        parameters = inspect.signature(self.function).parameters
        return {
            name: value
            for name, value in self.options.items()
            if _has_role(annotation(self.function, parameters[name]), role)
        }


def parse_component(plain: Any, group: Group) -> Component:
    """Turn a mapping with `_target_` into a checked component of a group.

    Raises:
        ValueError: `_target_` is missing.
        ConfigurationError: `_target_` names no component of the group.
        OptionsError: an option is unknown, missing, or out of range.
    """
    if not isinstance(plain, Mapping) or "_target_" not in plain:
        raise ValueError("should be the name of a file in conf/, with _target_ in it")
    function = group.locate(str(plain["_target_"]))
    options = {key: value for key, value in plain.items() if key != "_target_"}
    return Component(function, check_options(function, options))


def check_options(function: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return all options of a function, those left out by their defaults.

    Raises:
        OptionsError: an option is unknown, missing, or out of range.
    """
    try:
        checked = option_model(function).model_validate(options, strict=True)
    except ValidationError as error:
        raise OptionsError(error) from error
    return {name: getattr(checked, name) for name in type(checked).model_fields}


def of_group(group: Group) -> BeforeValidator:
    """Return what annotates a component of a group in a configuration."""
    return BeforeValidator(partial(parse_component, group=group))


STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True, strict=True)
"""Of configurations: no key that is not known, no value of another type."""


def as_plain(value: Any) -> Any:
    """Return a part of a configuration in plain containers, ready for JSON and YAML."""
    if hasattr(value, "as_plain"):
        return value.as_plain()
    if is_dataclass(value):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_plain(item) for key, item in value.items()}
    return [as_plain(item) for item in value] if isinstance(value, list | tuple) else value


@cache
def option_model(function: Callable[..., Any]) -> type[BaseModel]:
    """Return the pydantic model of a function's keyword-only parameters."""
    parameters = inspect.signature(function).parameters.values()
    fields: dict[str, Any] = {
        p.name: (annotation(function, p), ... if p.default is p.empty else p.default)
        for p in parameters
        if p.kind is p.KEYWORD_ONLY
    }
    forbid = ConfigDict(extra="forbid", protected_namespaces=(), arbitrary_types_allowed=True)
    return create_model(function.__name__, __config__=forbid, **fields)


def annotation(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """Return the type of one parameter, which `from __future__ import annotations` makes a text.

    Any for a parameter without an annotation.

    Of no other parameter, nor what the function returns: these may be of libraries that are not
    imported yet.
    """
    if parameter.annotation is parameter.empty:
        return Any
    if not isinstance(parameter.annotation, str):
        return parameter.annotation
    defined = inspect.unwrap(function)
    names = getattr(defined, "__globals__", None) or vars(import_module(defined.__module__))
    return eval(parameter.annotation, names)  # noqa: S307


def _has_role(declared: Any, role: Role) -> bool:
    return any(part is role or _has_role(part, role) for part in get_args(declared))
