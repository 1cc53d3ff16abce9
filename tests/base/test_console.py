"""Tables on terminals of any width."""

from runner.base.console import fitting_widths

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
