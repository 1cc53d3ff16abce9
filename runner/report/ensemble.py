"""Ensembles of finished runs, from the predictions that these have kept."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from runner import ensembles, history, tracking
from runner.config import TrackingConfig
from runner.errors import ConfigurationError
from runner.networks import finding
from runner.predictions import FILES, Predictions, load
from runner.seeds import spread
from runner.tracking import Tracker

SHOWN = {
    f"{tta}{split}_error": f"{split} error{' with TTA' if tta else ''} / %"
    for split in FILES
    for tta in ("", "tta_")
}
"""Errors that are told, with the heads of their columns."""


@dataclass(frozen=True)
class Member:
    """A finished run, and what its networks gave.

    Attributes:
        name: for people.
        run: of MLflow, or None for a folder that MLflow does not know.
        networks: for each seed, predictions of each split, or None.
    """

    name: str
    run: history.Run | None
    networks: dict[int, dict[str, Predictions | None]]


@dataclass(frozen=True)
class Ensemble:
    """Networks of several runs, which answer together; each network counts the same."""

    members: Sequence[Member]

    @property
    def networks(self) -> list[dict[str, Predictions | None]]:
        """Predictions of all networks."""
        return [network for member in self.members for network in member.networks.values()]

    def errors(self) -> dict[str, Any]:
        """Return the errors of the average; see `runner.ensembles.measure`."""
        return ensembles.measure({split: [one[split] for one in self.networks] for split in FILES})

    def rows(self) -> Iterator[list[str]]:
        """Yield the table for people: head, each run, the mean of all networks, the ensemble."""
        together = self.errors()
        shown = [name for name in SHOWN if name in together]
        yield ["", "networks", *(SHOWN[name] for name in shown)]
        for member in self.members:
            yield [member.name, *_means(list(member.networks.values()), shown)]
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
            tracking.log_configuration(params | names)
            tracking.log_numbers(self.errors())
        return run_id


def assemble(words: Sequence[str]) -> Ensemble:
    """Find runs by folder, name or id, and check that they can answer together.

    Raises:
        ConfigurationError: there is no such run, one is named twice, fewer than two networks, or
            they were not asked about the same images.
    """
    ensemble = Ensemble([_find(word) for word in words])
    ids = [member.run.run_id if member.run else member.name for member in ensemble.members]
    for word, identity in zip(words, ids, strict=True):
        if ids.count(identity) > 1:
            raise ConfigurationError(f"{word}: this run is named more than once")
    if len(ensemble.networks) < ensembles.FEWEST:
        raise ConfigurationError(
            f"{' '.join(words)}: an ensemble needs two networks or more; name further runs, or "
            "one with several seeds"
        )
    for split in FILES:
        _check_same_images(ensemble.members, split)
    if not ensemble.errors():
        raise ConfigurationError(
            "not all of these networks have kept what they said of the same images, test or "
            "validation; run again those without predictions.npz, or with evaluation.test=false"
        )
    return ensemble


def _find(word: str) -> Member:
    folder = Path(word)
    if (folder / "report.json").is_file():
        runs = history.in_folder(folder)
        name = folder.resolve().name
        return Member(name, runs[-1] if runs else None, dict(_in_folder(folder)))
    if folder.is_dir() or len(folder.parts) > 1:
        raise ConfigurationError(f"{word}: no folder of a finished run: it has no report.json")
    run = finding.find_run(word)
    children = history.children(run) or {int(run.tags.get("seed", 0)): run}
    networks = {seed: child.predictions() for seed, child in sorted(children.items())}
    return Member(run.tags["mlflow.runName"], run, networks)


def _in_folder(folder: Path) -> Iterator[tuple[int, dict[str, Predictions | None]]]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    for numbers in report.get("seeds", [report]):
        seed = numbers["seed"]
        place = folder / f"seed-{seed}" if "seeds" in report else folder
        yield seed, {split: load(place / name) for split, name in FILES.items()}


def _check_same_images(members: Sequence[Member], split: str) -> None:
    known = [
        (member.name, told)
        for member in members
        for network in member.networks.values()
        if (told := network[split]) is not None
    ]
    for name, told in known:
        first, expected = known[0]
        same_classes = told.probabilities.shape == expected.probabilities.shape
        if not (same_classes and np.array_equal(told.labels, expected.labels)):
            raise ConfigurationError(
                f"{first} and {name} cannot answer together: their {split} images differ "
                f"({_described(expected)}; {_described(told)})"
            )


def _described(told: Predictions) -> str:
    images, classes = told.probabilities.shape
    counts = np.bincount(told.labels, minlength=classes)
    return f"{images} images, {classes} classes, {counts[0]} of the first"


def _means(networks: Sequence[dict[str, Predictions | None]], shown: Sequence[str]) -> list[str]:
    told = [
        {name: value for split, one in network.items() if one
         for name, value in one.errors(split).items()}
        for network in networks
    ]  # fmt: skip
    cells = [str(len(networks))]
    for name in shown:
        described = spread([100 * errors[name] for errors in told])
        sd = f" ± {described['sd']:.3f}" if "sd" in described else ""
        cells.append(f"{described['mean']:.3f}{sd}")
    return cells


def _tracker(member: Member, uri: str | None) -> Tracker:
    if member.run is not None:
        return Tracker(history.experiment_id(member.run))
    config = TrackingConfig(experiment="ensembles", run_name="ensemble", uri=uri)
    return tracking.open_tracker(config, Path("outputs"))
