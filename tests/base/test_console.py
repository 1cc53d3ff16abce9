"""Tables on terminals of any width."""

import pytest

from runner.base.console import broken, fitting_widths

LINES = [
    ("hidden_units", "validation error / %", "status"),
    ("[16]", "12.000 ± 0.707", "finished"),
]


def test_a_wide_terminal_leaves_the_columns_as_they_are() -> None:
    assert fitting_widths(LINES, 100, 0) == [12, 20, 8]


def test_columns_become_narrower_between_words() -> None:
    assert fitting_widths(LINES, 38, 0) == [12, 12, 8]
    assert sum(fitting_widths(LINES, 20, 0)) <= 20 - 2 * 3


def test_columns_that_are_not_wrapped_keep_their_width() -> None:
    lines = [("started", "run"), ("11-25 12:10", "lenet-mnist+" + 40 * "x")]
    assert fitting_widths(lines, 60, 1) == [11, 45]


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("dense-mnist+hidden_units-800-200", ["dense-mnist+", "hidden_units-", "800-200"]),
        ("10.883 ± 1.575 %", ["10.883 ±", "1.575 %"]),
        ("-4.895 .. -1e-05", ["-4.895 ..", "-1e-05"]),
        ("x" * 20, ["x" * 20]),  # folded by the table
        ("short", ["short"]),
    ],
)
def test_a_cell_is_broken_between_words_and_parts_of_names(cell: str, lines: list[str]) -> None:
    assert broken(cell, 13).splitlines() == lines
