"""Source files of modules and of everything they import, libraries excepted."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = ("site-packages", "dist-packages")


def source_files(modules: Iterable[str]) -> dict[str, Path]:
    """Return the files of modules and of what they import, directly or not, by module name.

    Libraries and the standard library are left out. Imports are parsed from the text, so that those
    inside functions and those not executed yet count too.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if path is not None and name not in found:
            found[name] = path
            waiting += _imported(path, path.stat().st_mtime_ns)
    return dict(sorted(found.items()))


@cache
def _file(name: str) -> Path | None:
    """Return the file of a module that is neither of a library nor of Python."""
    if name.partition(".")[0] in sys.stdlib_module_names:
        return None
    try:
        spec = find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return None  # a name inside a module
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = Path(spec.origin)
    installed = any(part in _LIBRARIES for part in path.parts)
    return None if installed and name.partition(".")[0] != __name__.partition(".")[0] else path


@cache
def _imported(path: Path, changed: int) -> list[str]:
    del changed  # part of the key of the cache
    return list(_names(ast.parse(path.read_text(encoding="utf-8"))))


def _names(tree: ast.Module) -> Iterator[str]:
    """Yield imported names that may be modules; `from a import b` may import a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
