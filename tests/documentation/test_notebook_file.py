"""The course's notebook: its commands exist, and it runs from top to bottom."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runner.base.program_files import CONF
from runner.config import composition

NOTEBOOK = CONF.parent / "docs/course.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
MODULES = {"runner", "runner.datasets", "runner.inspect", "runner.report"}


def plain(cell: str) -> str:
    """Return a cell without the lines that only a notebook understands."""
    return re.sub(r"^(\s*)[!%].*$", r"\1pass", cell, flags=re.M)


def overrides() -> list[list[str]]:
    """Return the words of each `runner.run([...])`, those alone that stand there as texts."""
    calls: list[Any] = []
    for cell in CODE:
        for node in ast.walk(ast.parse(plain(cell))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "runner.run":
                (words,) = node.args
                assert isinstance(words, ast.List)
                calls.append([w.value for w in words.elts if isinstance(w, ast.Constant)])
    return calls


def test_it_is_stored_without_results() -> None:
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)


@pytest.mark.parametrize("words", overrides(), ids=" ".join)
def test_every_run_composes(words: list[str]) -> None:
    composition.compose_job(words)


def test_its_commands_are_those_of_the_program() -> None:
    commands = [line for cell in CODE for line in cell.splitlines() if line.startswith("!")]
    named = [re.match(r'!"\{sys\.executable\}" -m ([\w.]+) ', command) for command in commands]
    assert len(named) > 3
    assert {match[1] if match else "" for match in named} <= MODULES


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(tmp_path: Path) -> None:
    shutil.copy(NOTEBOOK, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=600", NOTEBOOK.name],
        cwd=tmp_path,
        env=os.environ | {"RUNNER_NOTEBOOK_SMALL": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert list((tmp_path / "outputs").glob("*-*-*/*seeds-3*"))
