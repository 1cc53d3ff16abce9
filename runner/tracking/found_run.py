"""A finished run that was found, and its files, in its folder or in the store that has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.objective import OBJECTIVES, SPLITS
from runner.base.stored_files import read_json, reading
from runner.evaluation.predictions import FILES, Predictions
from runner.evaluation.predictions_file import load_predictions
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import seed_runs

CONFIGURATION = "configuration/config.yaml"
NETWORK, REPORT = "model.keras", "report.json"


@dataclass(frozen=True)
class FoundRun:
    """A finished run.

    Attributes:
        name: for people.
        folder: of its files, or None where only the store has them.
        stored: its entry in the store, or None where it is in no store.
        store: that it was found in, or None.
    """

    name: str
    folder: Path | None
    stored: StoredRun | None = None
    store: RunStore | None = None

    @property
    def key(self) -> str:
        """A unique key of the run: its folder, or else its id."""
        if self.folder is not None:
            return str(self.folder.resolve())
        assert self.stored is not None
        return self.stored.tags.get("folder", self.stored.run_id)

    def report(self) -> dict[str, Any]:
        """Return its `report.json`."""
        path = self._file(REPORT)
        if path is None:
            where = self.folder or (self.stored.folder if self.stored else None) or "the store"
            raise ConfigurationError(
                f"{self.name}: {where} has no {REPORT}; restore it, or repeat the run"
            )
        report = read_json(path)
        with reading(path):
            _check_report(report)
        return report

    def predictions(self) -> dict[str, Predictions | None]:
        """Return the stored predictions of each split; None for missing ones."""
        paths = {split: self._file(name) for split, name in FILES.items()}
        return {split: load_predictions(path) if path else None for split, path in paths.items()}

    def seeds(self) -> dict[int, FoundRun]:
        """Return the run of each seed; the run itself if it has a single seed."""
        if self.folder is not None:
            report = self.report()
            several = "seeds" in report
            seeds = [one["seed"] for one in report.get("seeds", [report])]
            return {
                seed: FoundRun(self.name, self.folder / f"seed-{seed}" if several else self.folder)
                for seed in seeds
            }
        assert self.store is not None
        assert self.stored is not None
        children = seed_runs(self.store, self.stored)
        children = children or {int(self.stored.tags.get("seed", 0)): self.stored}
        return {
            seed: FoundRun(child.name, child.folder, child, self.store)
            for seed, child in sorted(children.items())
        }

    def _file(self, name: str) -> Path | None:
        if self.folder is not None:
            return self.folder / name if (self.folder / name).is_file() else None
        if self.store is None or self.stored is None:
            return None
        return self.store.file(self.stored, name)


def _check_report(report: dict[str, Any]) -> None:
    """Raise ValueError where a report lacks its seeds, or a metric to compare by is no number."""
    seeds = report.get("seeds", [report])
    if not seeds or not isinstance(seeds, list):
        raise ValueError(f"expected the reports of its seeds, got {seeds!r}")
    for one in seeds:
        if not isinstance(one, dict) or type(one.get("seed")) is not int:
            raise ValueError(f"expected a report with its seed, a whole number, got {one!r}")
        for name in (each.metric_name(split) for each in OBJECTIVES for split in SPLITS):
            if type(one.get(name, 0.0)) not in (int, float):
                raise ValueError(f"{name}: expected a number, got {one[name]!r}")
