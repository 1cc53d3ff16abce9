"""The place of a run among others."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SweepTags:
    """The place of a job in a sweep.

    Attributes:
        sweep: name of the sweep.
        job: name of the job, unique in it.
        parent: id of the sweep's own MLflow run.
        choices: what distinguishes the job from the others, as KEY: VALUE of the command line.
    """

    sweep: str
    job: str
    parent: str
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the job's run and of those of its seeds."""
        return {"sweep": self.sweep, "job": self.job, "choices": json.dumps(self.choices)}
