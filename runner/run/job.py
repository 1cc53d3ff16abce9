"""A job: one configuration to run, and the folder for its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runner.config.run_config import Config
from runner.tracking.run_store import StoredRun, SweepTags


@dataclass(frozen=True)
class Job:
    """One configuration to run.

    Attributes:
        config: checked and typed.
        folder: for its files.
        sweep_tags: of a job in a sweep, otherwise None.
        interrupted: entry in the store of the run that goes on, with `resume`, otherwise None.
        command: texts about the command line, by file beside the configuration.
    """

    config: Config
    folder: Path
    sweep_tags: SweepTags | None = None
    interrupted: StoredRun | None = None
    command: Mapping[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether it trains with several seeds."""
        return len(self.config.all_seeds) > 1

    def seed_folder(self, seed: int) -> Path:
        """Return the folder for the files of one seed."""
        return self.folder / f"seed-{seed}" if self.several else self.folder
