"""The networks that are in memory, the last used ones, for all who play at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np

from runner import datasets
from runner.base.array_types import Images, Labels
from runner.evaluation.nearest_images import Features, image_features
from runner.play.playable_runs import PlayableRuns
from runner.play.played_network import PlayedNetwork, load_played

_KEPT, _EXAMPLES = 8, 10_000
Key = tuple[str, str]


class LoadedNetworks:
    """Networks by run and silenced units, and the training images that they are compared with."""

    def __init__(self, runs: PlayableRuns) -> None:
        self._runs, self._loading, self._computing = runs, Lock(), Lock()
        self._networks: OrderedDict[Key, PlayedNetwork] = OrderedDict()
        self._examples: dict[str, tuple[Images, Labels]] = {}
        self._features: OrderedDict[Key, Features] = OrderedDict()

    def get(self, run: str, silenced: Mapping[str, Sequence[int]] | None = None) -> PlayedNetwork:
        """Return a network, loaded if it is not in memory.

        Raises:
            RunnerError: there is no such run, or its file holds no network.
        """
        key = _key(run, silenced or {})
        with self._loading:
            if key not in self._networks:
                given = self._runs.find(run)
                loaded = load_played(given.trained, given.dataset, given.scale, silenced)
                self._networks[key] = loaded
            self._networks.move_to_end(key)
            while len(self._networks) > _KEPT:
                self._networks.popitem(last=False)
            return self._networks[key]

    def examples(self, network: PlayedNetwork) -> tuple[Images, Labels]:
        """Return the first training images of a network's data set, and their labels.

        Raises:
            DataError: its files are not here.
        """
        config = network.dataset
        with self._loading:
            if repr(config) not in self._examples:
                train = datasets.load(config).train
                first = np.array(train.images[:_EXAMPLES]), np.array(train.labels[:_EXAMPLES])
                self._examples = {repr(config): first}  # of one data set at a time
            return self._examples[repr(config)]

    def features(self, run: str, silenced: Mapping[str, Sequence[int]]) -> Features:
        """Return what the last hidden layer of a network makes of those images, [n, features]."""
        network = self.get(run, silenced)
        images, _ = self.examples(network)
        key = _key(run, silenced)
        with self._computing:
            if key not in self._features:
                self._features[key] = image_features(network.model, images)
            self._features.move_to_end(key)
            while len(self._features) > _KEPT:
                self._features.popitem(last=False)
            return self._features[key]


def _key(run: str, silenced: Mapping[str, Sequence[int]]) -> Key:
    chosen = {name: sorted(set(units)) for name, units in silenced.items() if units}
    return run, repr(sorted(chosen.items()))
