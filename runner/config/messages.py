"""Wrong values of a configuration, said in one line each with the names that may be meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from runner.base.suggestions import nearest
from runner.config.component import OptionsError


def keys(node: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of everything in nested dicts."""
    for key, value in node.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{key}.")


def explain_values(error: ValidationError | OptionsError, node: dict[str, Any]) -> Iterator[str]:
    """Say of each wrong value what it is and what was expected."""
    for detail in error.errors():
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, OptionsError):
            inner: Any = node
            for part in detail["loc"]:
                inner = inner[part]
            prefix = ".".join(map(str, detail["loc"]))
            yield from (f"{prefix}.{line}" for line in explain_values(cause, inner))
            continue
        yield _explain_value(detail, node)


def _explain_value(detail: Any, node: dict[str, Any]) -> str:
    value: Any = node
    path = []
    for part in detail["loc"]:
        known = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in known:
            break  # no key: pydantic's name for one of several types, or an item that is missing
        path.append(str(part))
        value = value[part]
    name = ".".join(path)
    if detail["type"] == "missing":
        return f"{'.'.join(map(str, detail['loc']))}: a value is needed"
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{name}: there is no such option{nearest(path[-1], set(keys(node)) - {name})}"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return f"{name}={value}: {message}"
