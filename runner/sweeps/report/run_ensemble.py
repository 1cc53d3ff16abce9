"""Ensembles of finished runs, from the predictions that these have kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.seed_statistics import describe_seeds
from runner.config.run_config import TrackingConfig
from runner.evaluation import ensembles
from runner.evaluation.predictions import FILES
from runner.sweeps.report.ensemble_members import (
    Given,
    Member,
    check_distinct,
    check_same_images,
    find_member,
)
from runner.tracking import mlflow_logging, mlflow_runs
from runner.tracking.mlflow_logging import Tracker

SHOWN = {
    f"{tta}{split}_error": f"{split} error{' with TTA' if tta else ''} / %"
    for split in FILES
    for tta in ("", "tta_")
}
"""Errors that are told, with the heads of their columns."""


@dataclass(frozen=True)
class Ensemble:
    """Networks of several runs, which answer together; each network counts the same."""

    members: Sequence[Member]

    @property
    def networks(self) -> list[Given]:
        """Predictions of all networks."""
        return [given for member in self.members for given in member.given]

    def errors(self) -> dict[str, Any]:
        """Return the errors of the average; see `runner.evaluation.ensembles.measure_ensemble`."""
        return ensembles.measure_ensemble(
            {split: [one[split] for one in self.networks] for split in FILES}
        )

    def rows(self) -> Iterator[list[str]]:
        """Yield the table for people: head, each run, the mean of all networks, the ensemble."""
        together = self.errors()
        shown = [name for name in SHOWN if name in together]
        yield ["", "networks", *(SHOWN[name] for name in shown)]
        for member in self.members:
            yield [member.name, *_means(member.given, shown)]
        if len(self.members) > 1:
            yield ["single networks, mean", *_means(self.networks, shown)]
        cells = (f"{100 * together[name]:.3f}" for name in shown)
        yield ["ensemble", str(together["networks"]), *cells]

    def track(self, uri: str | None) -> str:
        """Log the ensemble as an MLflow run beside the first member's; return its id."""
        params = {"networks": len(self.networks)}
        names: dict[str, Any] = {}
        for number, member in enumerate(self.members, 1):
            names[f"member_{number}"] = member.name
            names[f"member_{number}.run_id"] = member.run.run_id if member.run else "none"
            names[f"member_{number}.seeds"] = sorted(member.networks)
        with _tracker(self.members[0], uri).run("ensemble", {"level": "ensemble"}) as run_id:
            mlflow_logging.log_configuration(params | names)
            mlflow_logging.log_numbers(self.errors())
        return run_id


def assemble(words: Sequence[str]) -> Ensemble:
    """Find runs by folder, name or id, and check that they can answer together.

    Raises:
        ConfigurationError: there is no such run, a network is named twice, fewer than two networks,
            or they were not asked about the same images.
    """
    ensemble = Ensemble([find_member(word) for word in words])
    check_distinct(ensemble.members)
    if len(ensemble.networks) < ensembles.FEWEST:
        raise ConfigurationError(
            f"{' '.join(words)}: an ensemble needs two networks or more; name further runs, or "
            "one with several seeds"
        )
    for split in FILES:
        check_same_images(ensemble.members, split)
    if not ensemble.errors():
        raise ConfigurationError(
            "not all of these networks have kept what they said of the same images, test or "
            "validation; run again those without predictions.npz, or with evaluation.test=false"
        )
    return ensemble


def _means(networks: Sequence[Given], shown: Sequence[str]) -> list[str]:
    told = [
        {name: value for split, one in network.items() if one
         for name, value in one.errors(split).items()}
        for network in networks
    ]  # fmt: skip
    cells = [str(len(networks))]
    for name in shown:
        described = describe_seeds([100 * errors[name] for errors in told])
        sd = f" ± {described['sd']:.3f}" if "sd" in described else ""
        cells.append(f"{described['mean']:.3f}{sd}")
    return cells


def _tracker(member: Member, uri: str | None) -> Tracker:
    if member.run is not None:
        return Tracker(mlflow_runs.experiment_id(member.run))
    config = TrackingConfig(experiment="ensembles", run_name="ensemble", uri=uri)
    return mlflow_logging.open_tracker(config, Path("outputs"))
