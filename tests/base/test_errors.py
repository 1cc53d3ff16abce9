"""Errors on one line."""

import runpy
from contextlib import chdir
from pathlib import Path

import pytest

from runner.base.errors import TrainingError, one_line
from runner.config.command_line import read_command_line


def raised_in(folder: Path, code: str) -> Exception:
    (folder / "drawings.py").write_text(code)
    with chdir(folder), pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
        runpy.run_path(str(folder / "drawings.py"))
    return without_this_file(raised.value)


def without_this_file(error: Exception) -> Exception:
    here = error.__traceback__
    return error.with_traceback(here and here.tb_next)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero (drawings.py, line 1)"),
        (
            "import json\njson.loads('{')",
            "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 "
            "(char 1) (drawings.py, line 2)",
        ),
        ("\nimport numpy\nnumpy.zeros(2).reshape(3)", "(drawings.py, line 3)"),
    ],
)
def test_an_error_in_code_of_ones_own_has_file_and_line(
    code: str, line: str, tmp_path: Path
) -> None:
    error = raised_in(tmp_path, code)
    with chdir(tmp_path):
        assert one_line(error).endswith(line)


def test_an_error_that_is_explained_already_stays_as_it_is(tmp_path: Path) -> None:
    code = "from runner.base.errors import TrainingError\nraise TrainingError('no  weights')"
    assert one_line(raised_in(tmp_path, code)) == "no weights"


def test_an_error_without_a_line_of_ones_own_names_none() -> None:
    assert one_line(ValueError("so")) == "ValueError: so"
    assert one_line(TrainingError("so")) == "so"
    with pytest.raises(TypeError) as raised:
        read_command_line([3])  # type: ignore[list-item]
    assert "(" not in one_line(without_this_file(raised.value))
