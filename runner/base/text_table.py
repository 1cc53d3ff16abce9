"""Tables as text: aligned columns, and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from tabulate import tabulate

Row = Sequence[str]
_SMALLEST = 0.0005
Align = Literal["left", "right"]


def probability_text(value: float) -> str:
    """Return a probability with three decimals, or a power of ten where these would be 0.000."""
    return f"{value:.3f}" if value >= _SMALLEST or not value else f"{value:.0e}"


def plain_table(header: Row, rows: Iterable[Row], align: Align = "right") -> str:
    """Return lines of aligned columns, two spaces apart, without a newline at the end.

    Args:
        header: a name for each column.
        rows: one cell for each column; printed as they are.
        align: of all columns but the first, which is aligned to the left.
    """
    lines = [list(header), *map(list, rows)]  # as a header it would be two characters wider
    return tabulate(lines, tablefmt="plain", **_as_they_are(len(header), align))


def markdown_table(header: Row, rows: Iterable[Row], align: Align = "right") -> str:
    """Return a Markdown table, without a newline at the end.

    Args:
        header: a name for each column.
        rows: one cell for each column.
        align: of all columns but the first, which is aligned to the left.
    """
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    return tabulate(escaped[1:], escaped[0], tablefmt="pipe", **_as_they_are(len(header), align))


def _as_they_are(columns: int, align: Align) -> dict[str, Any]:
    return {
        "colalign": ("left", *[align] * (columns - 1)),
        "disable_numparse": True,
        "preserve_whitespace": True,
    }
