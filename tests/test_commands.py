"""The first word of a command line."""

import pytest
from calling import call

from runner.__main__ import command_line


@pytest.mark.parametrize(
    ("words", "meant"),
    [("predikt latest", "predict"), ("lsit", "list"), ("lr_find model=lenet", "lr-find")],
)
def test_a_mistyped_command_is_answered_with_the_nearest(words: str, meant: str) -> None:
    word = words.split(maxsplit=1)[0]
    line = f"error: {word}: expected a command, or KEY=VALUE; did you mean {meant}?\n"
    assert call(command_line, *words.split()).refusal == line


def test_a_word_that_is_near_no_command_is_no_key_and_value() -> None:
    assert "foo: expected KEY=VALUE, or ~KEY" in call(command_line, "foo").refusal
