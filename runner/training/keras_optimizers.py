"""Any optimizer of Keras by its name, checked against Keras' source before that is imported."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo

from runner.base.lazy import keras
from runner.base.option_types import Positive, Role
from runner.base.suggestions import nearest_or_all
from runner.training.schedules import Schedule

_OWN = ("learning_rate", "name")
"""Parameters of the constructors that are no options here."""

Default = int | float | bool | str | None


def _optimizer_name(name: str) -> str:
    if signatures() and name not in signatures():
        near = nearest_or_all(name, signatures())
        raise ValueError(f"keras.optimizers has no such optimizer{near}")
    return name


def _known_options(options: dict[str, Any] | None, info: ValidationInfo) -> dict[str, Any] | None:
    known = signatures().get(info.data.get("name", ""), {})
    for option, value in (options or {}).items() if known else ():
        if option not in known:
            near = nearest_or_all(option, known)
            raise ValueError(f"{info.data['name']} of Keras has no option {option}{near}")
        if not _fits(value, known[option]):
            kind = type(known[option]).__name__
            raise ValueError(f"{option} should be a {kind} as Keras' default, {known[option]}")
    return options


def keras_optimizer(
    schedule: Schedule,
    *,
    name: Annotated[str, AfterValidator(_optimizer_name), Role.KIND],
    learning_rate: Positive,
    options: Annotated[dict[str, Any] | None, AfterValidator(_known_options)],
) -> keras.optimizers.Optimizer:
    """Build an optimizer of Keras.

    Args:
        schedule: of the learning rate.
        name: of a class of `keras.optimizers`.
        learning_rate: that the schedule begins with.
        options: others of the class, by Keras' names; None is none.
    """
    return getattr(keras.optimizers, name)(schedule.rate(learning_rate), **(options or {}))


@cache
def signatures() -> dict[str, dict[str, Default]]:
    """Return the options and defaults of each optimizer, by the name of its class.

    They are read out of Keras' source, since importing Keras takes seconds. Optimizers without a
    learning rate are wrappers, and left out.
    """
    spec = find_spec("keras")
    root = Path(spec.origin).parent / "src" / "optimizers" if spec and spec.origin else Path()
    found = {}
    for path in sorted(root.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (defaults := _defaults(node)):
                found[node.name] = {k: v for k, v in defaults.items() if k not in _OWN}
    return found


def _defaults(node: ast.ClassDef) -> dict[str, Default]:
    """Return the defaults of a class's constructor; none without a learning rate that has one."""
    exported = any("keras_export" in ast.unparse(one) for one in node.decorator_list)
    makers = (one for one in node.body if isinstance(one, ast.FunctionDef))
    init = next((one for one in makers if one.name == "__init__"), None)
    if init is None or not exported:
        return {}
    names = [one.arg for one in init.args.args][-len(init.args.defaults) :]
    defaults = dict(zip(names, map(_literal, init.args.defaults), strict=False))
    return defaults if "learning_rate" in defaults else {}


def _literal(node: ast.expr) -> Default:
    try:
        return ast.literal_eval(node)  # type: ignore[no-any-return]
    except ValueError:
        return None


def _fits(value: Any, default: Default) -> bool:
    """Whether a value is of the kind of a default; None says nothing of the kind."""
    if value is None or default is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    number = isinstance(default, int | float)
    return isinstance(value, int | float) if number else isinstance(value, type(default))
