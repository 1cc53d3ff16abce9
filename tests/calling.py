"""The program's commands, called in the process of the tests."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pytest


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    error: str

    @property
    def drawn(self) -> list[Path]:
        lines = [line.split(maxsplit=1) for line in self.out.splitlines()]
        return [Path(words[1]) for words in lines if words[:1] == ["drawn"]]

    @property
    def refusal(self) -> str:
        """The one line of a command that refused to do anything."""
        assert (self.code, self.drawn) == (1, [])
        assert self.error.startswith("error: ")
        assert self.error.count("\n") == 1
        return self.error


def call(main: Callable[[], int], *arguments: Any) -> Said:
    """Call a command with the arguments of a command line; no MLflow run may stay open."""
    out, error = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(error):
        patch.setattr(sys, "argv", ["command", *map(str, arguments)])
        # Hydra shuts down every log there is, and absl's closes what it writes to: pytest's stream
        patch.setattr("logging.shutdown", lambda *_: None)
        patch.setenv("HYDRA_FULL_ERROR", "")  # errors are one line; undone, whatever is set
        try:
            code = main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    if mlflow.active_run():
        mlflow.end_run("FAILED")
        pytest.fail("the command left an MLflow run open")
    return Said(code, out.getvalue(), error.getvalue())
