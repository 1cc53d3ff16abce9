"""Config-driven experiments in image classification.

In a notebook, `runner.run(["model=lenet", "dataset=fashion"])` trains as the command line does, and
`runner.load("latest")` gives a finished run; see `runner.run.notebook`. Both are imported at their
first use, since every command imports this module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.run.notebook import load as load
    from runner.run.notebook import run as run


def __getattr__(name: str) -> Any:
    """Import what a notebook calls; `run` is a package, which can be called, too."""
    if name == "run":
        return import_module("runner.run")
    if name == "load":
        return import_module("runner.run.notebook").load
    raise AttributeError(f"module 'runner' has no attribute {name!r}")
