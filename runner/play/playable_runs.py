"""The finished runs that the page offers, each by a key; nothing else can be named by a browser."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from runner.base.errors import RunnerError
from runner.base.objective import objective_of
from runner.base.option_types import Normalization
from runner.play.play_errors import PlayError
from runner.tracking.run_finder import existing_stores
from runner.tracking.run_store import StoredRun
from runner.tracking.trained_network import TrainedNetwork, network_in_folder

_MOST = 100
GIVEN = "given"
"""Key of the network that the command line names."""


@dataclass(frozen=True)
class GivenNetwork:
    """The network that the command line names.

    Attributes:
        trained: the network.
        dataset: name of its data set, for a mere file.
        scale: of its pixels, likewise.
    """

    trained: TrainedNetwork
    dataset: str | None = None
    scale: Normalization | None = None


@dataclass(frozen=True)
class PlayableRun:
    """A finished run as the page lists it.

    Attributes:
        key: by which the page asks for it.
        name: for people.
        dataset: name of its data set.
        inputs: number of features of a table; 0 of images.
        result: error or loss on the test data, in words; empty where it is not known.
        started: seconds since 1970; 0 where it is not known.
    """

    key: str
    name: str
    dataset: str
    inputs: int
    result: str = ""
    started: float = 0.0

    def as_plain(self) -> dict[str, Any]:
        """Return it as the page takes it."""
        return asdict(self)


class PlayableRuns:
    """The finished runs of a store, and the network that was named.

    Args:
        given: the network of the command line, or None.
        uri: of the store; None means those in `outputs/`.
    """

    def __init__(self, given: GivenNetwork | None, uri: str | None) -> None:
        self._given, self._uri = given, uri
        self._known: dict[str, PlayableRun | None] = {}
        self._networks: dict[str, TrainedNetwork] = {}

    def listed(self) -> list[PlayableRun]:
        """Return the given network, then the newest of the finished runs."""
        found = {run.run_id: run for store in existing_stores(self._uri) for run in _runs(store)}
        newest = sorted(found.values(), key=lambda run: run.started, reverse=True)[:_MOST]
        listed = [run for run in map(self._playable, newest) if run is not None]
        if self._given is None:
            return listed
        folder, known = self._given.trained.folder, [run.key for run in listed]
        same = [key for key in known if folder and self._networks[key].folder == folder.resolve()]
        first = next((run for run in listed if run.key in same), None)
        first = replace(first, key=GIVEN) if first else self._described()
        return [first, *(run for run in listed if run.key not in same)]

    def find(self, key: str) -> GivenNetwork:
        """Return the network of a key.

        Raises:
            PlayError: there is none.
        """
        if key == GIVEN and self._given is not None:
            return self._given
        if key not in self._networks:
            self.listed()
        if key not in self._networks:
            raise PlayError("no-run", f"there is no finished run {key[:40]!r} here", 404)
        return GivenNetwork(self._networks[key])

    def key_of(self, folder: Path) -> str | None:
        """Return the key of the finished run in a folder; None where there is none."""
        listed = [run.key for run in self.listed()]
        folders = {key: self.find(key).trained.folder for key in listed}
        wanted = folder.resolve()  # one that was listed may be gone by now
        return next((key for key, own in folders.items() if own and own.resolve() == wanted), None)

    def _described(self) -> PlayableRun:
        assert self._given is not None
        config = self._given.trained.dataset(self._given.dataset)
        inputs = config.shape[0] if config.is_table else 0
        return PlayableRun(GIVEN, self._given.trained.name, config.name, inputs)

    def _playable(self, run: StoredRun) -> PlayableRun | None:
        if run.run_id not in self._known:
            self._known[run.run_id] = self._examined(run)
        return self._known[run.run_id]

    def _examined(self, run: StoredRun) -> PlayableRun | None:
        """Return a run, unless it has left no network that can be loaded here."""
        if run.folder is None:
            return None
        with suppress(RunnerError):
            trained = network_in_folder(run.folder.resolve(), None, self._uri)
            shape = list(trained.configuration["dataset"]["shape"])
            self._networks[run.run_id] = trained
            inputs = shape[0] if len(shape) == 1 else 0
            dataset = str(trained.trained_on)
            return PlayableRun(run.run_id, run.name, dataset, inputs, _result(run), run.started)
        return None


def _runs(store: Any) -> list[StoredRun]:
    found: list[StoredRun] = store.find({"level": "job"}, status="FINISHED")
    return found


def _result(run: StoredRun) -> str:
    objective = objective_of(run.metrics)
    name = objective.metric_name("test")
    mean = run.metrics.get(f"{name}.mean", run.metrics.get(name))
    return "" if mean is None else objective.text(mean)
