"""Ensembles of finished runs, from their stored predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.seed_statistics import describe_seeds
from runner.config.composition import compose_job
from runner.evaluation import ensembles
from runner.evaluation.predictions import FILES
from runner.sweeps.report.ensemble_members import (
    Member,
    SplitPredictions,
    check_distinct,
    check_same_images,
    find_member,
)
from runner.tracking.found_run import FoundRun
from runner.tracking.run_finder import OUTPUTS
from runner.tracking.run_store import RunStore

SHOWN = {
    f"{tta}{split}_error": f"{split} error{' with TTA' if tta else ''} / %"
    for split in FILES
    for tta in ("", "tta_")
}
"""Errors in the table, and the headers of their columns."""


@dataclass(frozen=True)
class Ensemble:
    """The networks of several runs, averaged with equal weights."""

    members: Sequence[Member]

    @property
    def networks(self) -> list[SplitPredictions]:
        """Predictions of all networks."""
        return [one for member in self.members for one in member.predictions]

    def errors(self) -> dict[str, Any]:
        """Return the errors of the ensemble; see `runner.evaluation.ensembles.measure_ensemble`."""
        return ensembles.measure_ensemble(
            {split: [one[split] for one in self.networks] for split in FILES}
        )

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows of the table: header, each run, mean of all networks, ensemble."""
        ensemble = self.errors()
        shown = [name for name in SHOWN if name in ensemble]
        yield ["", "networks", *(SHOWN[name] for name in shown)]
        for member in self.members:
            yield [member.run.name, *_means(member.predictions, shown)]
        if len(self.members) > 1:
            yield ["single networks, mean", *_means(self.networks, shown)]
        cells = (f"{100 * ensemble[name]:.3f}" for name in shown)
        yield ["ensemble", str(ensemble["networks"]), *cells]

    def track(self, uri: str | None) -> str:
        """Log the ensemble as a run in the store of the first member; return its id."""
        members: dict[str, Any] = {"networks": len(self.networks)}
        for number, member in enumerate(self.members, 1):
            stored = member.run.stored
            members[f"member_{number}"] = member.run.name
            members[f"member_{number}.run_id"] = stored.run_id if stored else "none"
            members[f"member_{number}.seeds"] = sorted(member.networks)
        with _store(self.members[0].run, uri).open("ensemble", {"level": "ensemble"}) as run:
            run.log_parameters(members)
            run.log_metrics(self.errors())
        return run.run_id


def assemble(words: Sequence[str], uri: str | None = None) -> Ensemble:
    """Find runs by folder, name or id, and check that they can form an ensemble.

    Raises:
        ConfigurationError: there is no such run, a network is named twice, there are fewer than two
            networks, or their predictions are of different images.
    """
    ensemble = Ensemble([find_member(word, uri) for word in words])
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
            "not all of these networks have stored predictions of the same images, test or "
            "validation; run again those without predictions.npz, or with evaluation.test=false"
        )
    return ensemble


def _means(networks: Sequence[SplitPredictions], shown: Sequence[str]) -> list[str]:
    errors = [
        {name: value for split, one in network.items() if one
         for name, value in one.errors(split).items()}
        for network in networks
    ]  # fmt: skip
    cells = [str(len(networks))]
    for name in shown:
        described = describe_seeds([100 * each[name] for each in errors])
        sd = f" ± {described['sd']:.3f}" if "sd" in described else ""
        cells.append(f"{described['mean']:.3f}{sd}")
    return cells


def _store(run: FoundRun, uri: str | None) -> RunStore:
    """Return the store to log to: that of a run, or else the configured one."""
    if run.store is not None and run.stored is not None:
        return run.store.beside(run.stored)
    tracking = compose_job([]).tracking
    store: RunStore = replace(tracking, experiment="ensembles", uri=uri).open(OUTPUTS)
    return store
