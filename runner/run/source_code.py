"""The source files that modules of the program, and a user's own, consist of."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from runner.base.program_files import own_folder

_PACKAGE = Path(__file__).resolve().parents[1]


def source_files(modules: Iterable[str]) -> dict[str, Path]:
    """Return the files of modules and of what they import, directly or not, by module name.

    Only modules of the program count, and those in the folder that a user works in. Imports are
    read from the text: nothing is imported, and imports inside functions count too.
    """
    found: dict[str, Path] = {}
    waiting, seen = list(modules), set[str]()
    while waiting:
        if (name := waiting.pop()) in seen:
            continue
        seen.add(name)
        if (path := _file(name)) is not None:
            found[name] = path
            waiting += _imported(path, path.stat().st_mtime_ns)
    return dict(sorted(found.items()))


def _file(name: str) -> Path | None:
    """Return the file of a module of the program or beside a user's own `conf/`, or None."""
    folder = _PACKAGE.parent if name.partition(".")[0] == _PACKAGE.name else own_folder()
    if folder is None:
        return None
    path = folder.joinpath(*name.split("."))
    files = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@cache
def _imported(path: Path, changed: int) -> list[str]:
    del changed  # another list where the file is another one
    return list(_names(ast.parse(path.read_text(encoding="utf-8"))))


def _names(tree: ast.Module) -> Iterator[str]:
    """Yield what may be modules among imported names; `from a import b` may import a.b.

    What is imported for the sake of types alone computes nothing.
    """
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        waiting += node.orelse if for_types else ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
