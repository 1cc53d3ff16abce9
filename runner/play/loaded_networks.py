"""The networks that are in memory, the last used ones, for all who play at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np

from runner import datasets
from runner.base.array_types import Images, Labels
from runner.play.playable_runs import PlayableRuns
from runner.play.played_network import PlayedNetwork, load_played

_KEPT, _EXAMPLES = 8, 10_000
Key = tuple[str, str]


class LoadedNetworks:
    """Networks by run and silenced units, and the training images that they are compared with."""

    def __init__(self, runs: PlayableRuns) -> None:
        self._runs, self._loading = runs, Lock()
        self._networks: OrderedDict[Key, PlayedNetwork] = OrderedDict()
        self._examples: dict[str, tuple[Images, Labels]] = {}

    def get(self, run: str, silenced: Mapping[str, Sequence[int]] | None = None) -> PlayedNetwork:
        """Return a network, loaded if it is not in memory.

        Raises:
            RunnerError: there is no such run, or its file holds no network.
        """
        chosen = {name: sorted(set(units)) for name, units in (silenced or {}).items() if units}
        key = (run, repr(sorted(chosen.items())))
        with self._loading:
            if key not in self._networks:
                given = self._runs.find(run)
                loaded = load_played(given.trained, given.dataset, given.scale, chosen)
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
