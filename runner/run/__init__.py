"""A run: training and evaluation for each seed, shown and recorded.

This package is also the function `runner.run` of a notebook; see `runner.run.notebook.run`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """A module that is a function as well: `runner.run` names this package, whoever asks."""

    def __call__(self, overrides: Sequence[str]) -> Any:
        """Train and evaluate, and return the finished run."""
        return import_module(f"{__name__}.notebook").run(overrides)


sys.modules[__name__].__class__ = _Callable
