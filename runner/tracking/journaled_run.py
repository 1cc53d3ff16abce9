"""An open run whose calls are written into its journal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from runner.base.array_types import Images
from runner.base.atomic_files import replacing
from runner.base.console import note
from runner.base.errors import PrunedError, one_line
from runner.base.lazy import keras
from runner.base.stored_files import CHECKPOINT, DIGESTS
from runner.datasets.splits import UsedData
from runner.tracking.journal import Journal
from runner.tracking.open_run import flat_metrics
from runner.tracking.sender import Sender

_NETWORK = "model.keras"
_NOT_LOGGED = {DIGESTS, CHECKPOINT}  # MLflow writes the network anew, into another file


class JournaledRun:
    """An open run; see `runner.tracking.open_run.OpenRun`.

    Args:
        journal: of the run.
        sender: that sends it.
        log_model: whether networks are logged.
    """

    def __init__(self, journal: Journal, sender: Sender, log_model: bool) -> None:
        self._journal, self._sender, self._log_model = journal, sender, log_model
        self._lines = bytearray(journal.lines())
        before = list(journal.entries())
        self._epochs = {entry.options["epoch"] for entry in before if entry.call == "log_epoch"}
        self._minutes = sum(entry.call == "log_system" for entry in before)
        self._is_full, self._appending = False, Lock()

    @property
    def run_id(self) -> str:
        """Id in the store; before the store has the run, its key."""
        return self._journal.run_id

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Log a configuration in plain containers."""
        self.append("log_configuration", configuration=dict(configuration))

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log the few values that runs are told apart by."""
        self.append("log_parameters", parameters=dict(parameters))

    def log_data(self, used: Sequence[UsedData]) -> None:
        """Log which data the run uses, before what was measured on them."""
        self.append("log_data", used=[asdict(data) for data in used])

    def compare_by(self, metric: str) -> None:
        """Say which metric the runs of the experiment are compared by."""
        self.append("compare_by", metric=metric)

    def log_system(self, metrics: Mapping[str, float]) -> None:
        """Log how busy the machine was in the last minute."""
        self._minutes += 1
        self.append("log_system", minute=self._minutes, metrics=dict(metrics))

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of one epoch, unless that was done before the run was interrupted."""
        if epoch in self._epochs:
            return
        self.append("log_epoch", epoch=epoch, metrics={k: float(v) for k, v in metrics.items()})

    def log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log final metrics; keys of nested dicts are joined by dots."""
        self.append("log_metrics", metrics=dict(flat_metrics(metrics)))

    def log_table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Log a table, as NAME: VALUES of each column."""
        self.append("log_table", name=name, columns={k: list(v) for k, v in columns.items()})

    def log_images(self, series: str, images: Mapping[int, Images]) -> None:
        """Log a series of images by step; they are kept in one file with an array for each."""
        path = _copies(self._journal) / f"{series}.npz"
        try:
            with replacing(path) as part:
                arrays: dict[str, Any] = {str(step): image for step, image in images.items()}
                np.savez_compressed(part, **arrays)
        except OSError as error:
            self._miss(error)
            return
        self.append("log_images", path=journaled_path(self._journal, path), series=series)

    def log_file(self, path: Path) -> None:
        """Log one file."""
        self.append("log_file", path=journaled_path(self._journal, path), folder="")

    def log_folder(self, folder: Path) -> None:
        """Log all files of a folder and its subfolders, except networks and hidden files."""
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            left_out = path.suffix == ".keras" or inside.parts[0][0] == "." or not path.is_file()
            if not left_out and path.name not in _NOT_LOGGED:
                below = "" if inside.parent == Path() else str(inside.parent)
                self.append("log_file", path=journaled_path(self._journal, path), folder=below)

    def log_network(self, network: keras.Model, images: Images) -> None:
        """Log the network in the folder of the run, if networks are logged."""
        path = self._journal.folder / _NETWORK
        if self._log_model and path.is_file():
            outputs = list(network.output_shape[1:])
            self.append("log_network", path=_NETWORK, inputs=images.shape[1:], outputs=outputs)

    def flush(self) -> None:
        """Wait until the store has everything, unless it does not answer."""
        self._sender.settle()

    def append(self, call: str, **options: Any) -> None:
        """Write a call into the journal; a full disk is said once, and ends no training.

        Where the folder of the run was deleted, the journal is there again.
        """
        try:
            with self._appending:  # the metrics of the system come from another thread
                if not self._journal.path.is_file():
                    self._journal.restore(bytes(self._lines))
                self._lines += self._journal.append(call, **options)
        except OSError as error:
            self._miss(error)

    def _miss(self, error: OSError) -> None:
        if not self._is_full:
            note(f"note: not all that is logged is kept for the store: {one_line(error)}")
        self._is_full = True

    @contextmanager
    def ending(self) -> Iterator[None]:
        """End the run with the context, with the status that `RunStore.open` promises."""
        try:
            yield
        except KeyboardInterrupt:
            self.append("end", status="KILLED")
            raise
        except PrunedError as error:
            self.append("set_tags", tags={"pruned": str(error)})
            self.append("end", status="KILLED")
            raise
        except BaseException as error:
            self.append("set_tags", tags={"error": f"{type(error).__name__}: {error}"})
            self.append("end", status="FAILED")
            raise
        self.append("end", status="FINISHED")


def journaled_path(journal: Journal, path: Path) -> str:
    """Return the path of a file within the folder of a run; a file from elsewhere is copied."""
    path, folder = path.resolve(), journal.folder.resolve()
    if not path.is_relative_to(folder):
        path = Path(shutil.copy2(path, _copies(journal))).resolve()
    return str(path.relative_to(folder))


def _copies(journal: Journal) -> Path:
    """Return the folder, inside that of the run, for what has no place of its own there."""
    folder = journal.path.parent / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
