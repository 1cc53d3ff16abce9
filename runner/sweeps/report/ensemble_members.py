"""Finished runs that are to answer together, and whether they can."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runner.base.errors import ConfigurationError
from runner.base.objective import MSE, objective_of
from runner.evaluation.predictions import FILES, Predictions, load_predictions
from runner.tracking import mlflow_runs, run_finder

Given = dict[str, Predictions | None]
"""What a network gave, for each split."""


@dataclass(frozen=True)
class Network:
    """A trained network.

    Attributes:
        place: its folder, or the id of its MLflow run where that names none; of no other network.
        given: predictions of each split, or None.
    """

    place: str
    given: Given


@dataclass(frozen=True)
class Member:
    """A finished run, and what its networks gave.

    Attributes:
        name: for people.
        run: of MLflow, or None for a folder that MLflow does not know.
        networks: for each seed.
    """

    name: str
    run: mlflow_runs.Run | None
    networks: dict[int, Network]

    @property
    def given(self) -> list[Given]:
        """Predictions of its networks."""
        return [network.given for network in self.networks.values()]


def find_member(word: str) -> Member:
    """Find a finished run by folder, name or id.

    Raises:
        ConfigurationError: there is no such run, or it tells numbers.
    """
    folder = Path(word)
    if (folder / "report.json").is_file():
        runs = mlflow_runs.runs_in_folder(folder)
        name = folder.resolve().name
        return Member(name, runs[-1] if runs else None, dict(_in_folder(folder)))
    if folder.is_dir() or len(folder.parts) > 1:
        raise ConfigurationError(f"{word}: no folder of a finished run: it has no report.json")
    run = run_finder.find_run(word)
    children = mlflow_runs.children(run) or {int(run.tags.get("seed", 0)): run}
    _check_classes(word, run.metrics)
    networks = {
        seed: Network(child.tags.get("folder", child.run_id), child.predictions())
        for seed, child in sorted(children.items())
    }
    return Member(run.tags["mlflow.runName"], run, networks)


def _in_folder(folder: Path) -> Iterator[tuple[int, Network]]:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    for numbers in report.get("seeds", [report]):
        _check_classes(str(folder), numbers)
        seed = numbers["seed"]
        place = folder / f"seed-{seed}" if "seeds" in report else folder
        given = {split: load_predictions(place / name) for split, name in FILES.items()}
        yield seed, Network(str(place.resolve()), given)


def _check_classes(word: str, measured: Iterable[str]) -> None:
    if objective_of(measured) == MSE:
        raise ConfigurationError(
            f"{word}: its networks tell numbers, and only probabilities of classes are averaged; "
            "name runs that tell classes"
        )


def check_distinct(members: Sequence[Member]) -> None:
    """Raise ConfigurationError if a network is named twice."""
    known: set[str] = set()
    for member in members:
        for seed, network in member.networks.items():
            if network.place in known:
                raise ConfigurationError(
                    f"{member.name}: its network of seed {seed} is named more than once; name each "
                    "run once, and no seed beside its run"
                )
            known.add(network.place)


def check_same_images(members: Sequence[Member], split: str) -> None:
    """Raise ConfigurationError unless all networks that saw a split saw the same images."""
    known = [
        (member.name, told)
        for member in members
        for given in member.given
        if (told := given[split]) is not None
    ]
    for name, told in known:
        first, expected = known[0]
        same_classes = told.probabilities.shape == expected.probabilities.shape
        if not (same_classes and told.of_same_images(expected)):
            raise ConfigurationError(
                f"{first} and {name} cannot answer together: their {split} images differ "
                f"({_difference(expected, told)})"
            )


def _difference(first: Predictions, second: Predictions) -> str:
    a, b = _described(first), _described(second)
    if a != b:
        return f"{a}; {b}"
    return "as many, but others, in another order, or not noted by an earlier version"


def _described(told: Predictions) -> str:
    images, classes = told.probabilities.shape
    counts = np.bincount(told.labels, minlength=classes)
    return f"{images} images, {classes} classes, {counts[0]} of the first"
