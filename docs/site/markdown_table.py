"""Tables in Markdown."""

from collections.abc import Sequence
from typing import Any

Row = tuple[str, ...]


def table(head: Row, rows: Sequence[Row]) -> str:
    """Return a table; a bar in a cell divides nothing."""
    lines = [head, tuple("---" for _ in head), *rows]
    cells = [[cell.replace("|", r"\|") for cell in row] for row in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def code(value: Any) -> str:
    """Return a value as it is written in YAML."""
    if value is None or isinstance(value, bool):
        return {None: "`null`", True: "`true`", False: "`false`"}[value]
    return f"`{value}`" if value != "" else "`''`"
