"""One configuration that is to be run, where its files go, and its place in a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner.config.run_config import Config
from runner.tracking.run_store import SweepTags


@dataclass(frozen=True)
class Job:
    """One configuration that is to be run.

    Attributes:
        config: checked and typed.
        folder: for its files.
        sweep_tags: its place in a sweep, or None.
    """

    config: Config
    folder: Path
    sweep_tags: SweepTags | None = None
