"""Error messages for wrong values of a configuration, one line each, with suggestions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from runner.base.suggestions import nearest
from runner.config.component import OptionsError

_CLOSING, _QUOTES = {"[": "]", "{": "}", "(": ")"}, ("'", '"')


def dotted_keys(plain: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted keys of nested dicts, outer ones included."""
    for key, value in plain.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from dotted_keys(value, f"{prefix}{key}.")


def explain_values(error: ValidationError | OptionsError, plain: dict[str, Any]) -> Iterator[str]:
    """Yield a message for each wrong value: its key, the value, and what was expected.

    Args:
        error: of pydantic, or of the options of a component.
        plain: the configuration that was checked, in plain containers.
    """
    for detail in error.errors():
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, OptionsError):
            inner: Any = plain
            for part in detail["loc"]:
                inner = inner[part]
            prefix = ".".join(map(str, detail["loc"]))
            yield from (f"{prefix}.{line}" for line in explain_values(cause, inner))
            continue
        yield _explain_value(detail, plain)


def explain_unclosed(override: str) -> str | None:
    """Say which bracket or quote of KEY=VALUE is not closed, or closes nothing; None if all are."""
    waiting: list[str] = []
    for sign in override:
        if waiting and sign == waiting[-1]:
            waiting.pop()
        elif waiting and waiting[-1] in _QUOTES:
            continue
        elif sign in _CLOSING or sign in _QUOTES:
            waiting.append(_CLOSING.get(sign, sign))
        elif sign in _CLOSING.values():
            return f"{override}: {sign} closes nothing; remove it, or open it before"
    if not waiting:
        return None
    return f"{override}: {waiting[-1]} is missing; values with spaces want quotes of the shell"


def explain_grammar(override: str) -> str:
    """Say how an override is written that is none in the grammar of Hydra."""
    key, equals, value = override.partition("=")
    if not key or not equals:
        return f"{override}: expected KEY=VALUE, or ~KEY to leave something out"
    plain_value = value.replace("'", "").replace('"', "")
    quoted = f"'{plain_value}'"
    if re.fullmatch(r"\[[^\[\]]*\]", plain_value):
        quoted = f"[{','.join(repr(item.strip()) for item in plain_value[1:-1].split(','))}]"
    return (
        f"{override}: has characters that must stand in quotes of Hydra, with others around them "
        f'for the shell: "{key}={quoted}"'
    )


def explain_several(key: str, value: str) -> str:
    """Say what several values of a key, or a decimal comma, could mean."""
    if re.fullmatch(r"-?\d+,\d+", value):
        point = f"{key}={value.replace(',', '.')}"
        return f"{key}={value}: numbers have a point: {point}; -m tries several"
    one = f"expected one value, or a list [{value}] where it takes a list"
    return f"{key}={value}: {one}; -m tries each of several"


def _explain_value(detail: Any, plain: dict[str, Any]) -> str:
    value: Any = plain
    path = []
    for part in detail["loc"]:
        valid = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in valid:
            break  # no key: pydantic's name for one of several types, or an item that is missing
        path.append(str(part))
        value = value[part]
    name = ".".join(path)
    if detail["type"] == "missing":
        return f"{'.'.join(map(str, detail['loc']))}: a value is needed"
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        others = set(dotted_keys(plain)) - {name}
        return f"{name}: there is no such option{nearest(path[-1], others)}"
    if detail["type"] == "dataclass_type":
        return f"{name}={value}: expected options in braces: {{OPTION: VALUE, ...}}"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return f"{name}={value}: {message}"
