"""The answers about networks of two features: what they predict for every point of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from runner import datasets
from runner.base.tasks import Classification
from runner.config.dataset_titles import title_in_language
from runner.datasets.splits import Dataset
from runner.figures.decision_regions import hidden_layers, mixed_colors
from runner.figures.plane import Plane
from runner.figures.weight_history import WeightHistory
from runner.play.packed_arrays import Packed, pack_image, pack_symmetric, pack_values
from runner.play.play_errors import PlayError
from runner.play.play_requests import RegionRequest, parse_request
from runner.play.playable_runs import PlayableRuns
from runner.play.played_network import PlayedNetwork, Values, load_played

_SIDE, _FEATURES, _MOST_POINTS = 80, 2, 1_000


@dataclass(frozen=True)
class PlaneNetwork:
    """A network of two features, whose weights are changed from epoch to epoch.

    Attributes:
        network: a copy of its own, used by one at a time.
        history: of its weights, or None where the run did not record them.
        data: that it was trained on.
        plane: around them.
    """

    network: PlayedNetwork
    history: WeightHistory | None
    data: Dataset
    plane: Plane

    @property
    def epochs(self) -> list[int]:
        """Epochs whose weights are known, 0 being before training; [] where only the last are."""
        return self.history.epochs if self.history else []


class RegionAnswers:
    """Answers about the plane; the network that was asked last stays in memory."""

    def __init__(self, runs: PlayableRuns) -> None:
        self._runs, self._lock = runs, Lock()
        self._last: tuple[str, PlaneNetwork] | None = None

    def regions(self, content: bytes) -> dict[str, Any]:
        """Show what a network predicts everywhere after an epoch, and what each hidden unit is."""
        asked = parse_request(RegionRequest, content)
        with self._lock:
            if self._last is None or self._last[0] != asked.run:
                self._last = asked.run, self._load(asked.run)
            chosen = self._last[1]
            epoch = None
            if chosen.history is not None:
                last = chosen.epochs[-1] if asked.epoch is None else asked.epoch
                epoch = chosen.history.restore(chosen.network.model, last)
            values = chosen.network.layer_values(chosen.plane.grid(_SIDE))
            predicted = chosen.network.probabilities(values)
        return {
            "epochs": chosen.epochs,
            "epoch": epoch,
            "title": title_in_language(chosen.network.dataset.title, asked.language),
            "names": chosen.network.dataset.task(asked.language).names,
            "low": chosen.plane.low,
            "high": chosen.plane.high,
            "points": _points(chosen),
            "units": {
                name: pack_symmetric(np.ascontiguousarray(values[name].T.reshape(-1, _SIDE, _SIDE)))
                for name in hidden_layers(chosen.network.model)
            },
        } | _picture(chosen.network, predicted)

    def _load(self, run: str) -> PlaneNetwork:
        given = self._runs.find(run)
        network = load_played(given.trained, given.dataset, given.scale)
        if network.dataset.shape != (_FEATURES,):
            raise PlayError("no-plane", "regions are drawn of networks that take two features")
        data = datasets.load(network.dataset)
        folder = given.trained.folder
        history = WeightHistory.load(folder) if folder is not None else None
        plane = Plane.around(np.concatenate([data.train.images, data.test.images]))
        return PlaneNetwork(network, history, data, plane)


def _picture(network: PlayedNetwork, predicted: Values) -> dict[str, Packed | list[Packed]]:
    """Return the plane in colors of classes, or one picture for each predicted number."""
    square = predicted.reshape(_SIDE, _SIDE, -1)
    if isinstance(network.task, Classification):
        return {"colors": pack_image(mixed_colors(square))}
    return {
        "values": [pack_values(np.ascontiguousarray(each)) for each in np.moveaxis(square, -1, 0)]
    }


def _points(chosen: PlaneNetwork) -> dict[str, list[list[float]]]:
    """Return the first rows of both splits: two features, then the label or the numbers."""
    splits = {"train": chosen.data.train, "test": chosen.data.test}
    return {
        name: np.column_stack([split.images[:_MOST_POINTS], split.targets[:_MOST_POINTS]]).tolist()
        for name, split in splits.items()
    }
