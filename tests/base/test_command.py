"""What every command line has in common."""

import pytest

from runner.base.command import Parser
from runner.base.errors import ConfigurationError


def parser() -> Parser:
    one = Parser(prog="show")
    one.add_argument("name")
    one.add_argument("changes", nargs="*", default=[])
    one.add_argument("--language")
    return one


@pytest.mark.parametrize(
    "words",
    [
        "mnist a=1 b=2 --language pt",
        "--language pt mnist a=1 b=2",
        "mnist --language pt a=1 b=2",
        "mnist a=1 --language pt b=2",
    ],
)
def test_words_may_stand_before_between_and_behind_options(words: str) -> None:
    of_a_command = Parser(prog="datasets")
    of_a_command.add_subparsers().add_parser("show", parents=[parser()], add_help=False)
    for read in (
        parser().parse_args(words.split()),
        of_a_command.parse_args(["show", *words.split()]),
    ):
        assert (read.name, read.changes, read.language) == ("mnist", ["a=1", "b=2"], "pt")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "the following arguments are required: name; see `show --help`"),
        ("mnist --color red", "unrecognized arguments: --color red; see `show --help`"),
        ("mnist --language", "argument --language: expected one argument; see `show --help`"),
    ],
)
def test_what_is_not_understood_is_said(words: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parser().parse_args(words.split())
    assert str(raised.value) == said


def test_a_language_may_be_written_as_a_run_has_it_and_a_bare_word_is_none() -> None:
    parsed = parser().parse_args(["it", "language", "a", "language=pt"])
    assert (parsed.changes, parsed.language) == (["language", "a"], "pt")
