"""Command lines that are shown to be copied."""

import shlex

import pytest

from runner.base.shell import shell_line


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["runner", "model=lenet"], "runner model=lenet"),
        (["figures=[roc]"], "'figures=[roc]'"),
        (["dataset.path='/a b'"], "\"dataset.path='/a b'\""),
        (["path='$a b'"], None),
        (['it\'s "so"'], None),
        ([r"path='\'a b'"], None),
        (["'!'"], None),
    ],
)
def test_a_shell_takes_the_words_apart_again(words: list[str], line: str | None) -> None:
    assert shlex.split(shell_line(words)) == words
    assert line in (None, shell_line(words))
