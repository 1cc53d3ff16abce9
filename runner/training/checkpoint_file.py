"""The file of a checkpoint: arrays and JSON, of which nothing is unpickled."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from runner.base.atomic_files import replacing
from runner.base.stored_files import reading
from runner.training.callback_state import Arrays


@dataclass(frozen=True)
class _Content:
    """What a checkpoint holds as JSON; see `Checkpoint`."""

    fingerprint: str
    stage: int
    first: int
    stopped: bool
    values: dict[str, list[float]]
    epoch_seconds: list[float]
    callbacks: list[dict[str, Any]]


_CONTENT = TypeAdapter(_Content)


@dataclass(frozen=True)
class Checkpoint(_Content):
    """A training at the end of an epoch.

    Attributes:
        fingerprint: of the training.
        stage: number of stages that were finished before the one it is in.
        first: number of the epoch which that stage began with.
        stopped: whether callbacks had stopped that stage after its last epoch.
        values: of each quantity, one for each epoch; see `History`.
        epoch_seconds: duration of each epoch.
        callbacks: state of each callback of the stage; see `runner.training.callback_state`.
        arrays: those in the states of the callbacks.
        variables: values of those of the network and its optimizer.
        files: content of what observers have written, uint8 [bytes], by their path.
    """

    arrays: Arrays
    variables: Arrays
    files: dict[str, NDArray[np.uint8]]

    def write(self, path: Path) -> None:
        """Write the checkpoint to an npz file; one that is there stays until this one is whole."""
        content = {field.name: getattr(self, field.name) for field in fields(_Content)}
        arrays = {f"arrays/{number}": array for number, array in enumerate(self.arrays)}
        arrays |= {f"variables/{number}": array for number, array in enumerate(self.variables)}
        arrays |= {f"files/{name}": array for name, array in self.files.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            np.savez(part, allow_pickle=False, content=np.array(json.dumps(content)), **arrays)

    @classmethod
    def read(cls, path: Path) -> Checkpoint:
        """Read a checkpoint.

        Raises:
            DataError: the file is damaged.
        """
        with reading(path), np.load(path, allow_pickle=False) as archive:
            stored = dict(archive)  # reads all, and with it zip's checksums
            return cls(
                **vars(_CONTENT.validate_json(str(stored["content"]))),
                arrays=list(_below("arrays", stored).values()),
                variables=list(_below("variables", stored).values()),
                files={_relative(name): each for name, each in _below("files", stored).items()},
            )


def _relative(name: str) -> str:
    """Return a path that leads nowhere else, whoever wrote the checkpoint."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{name} is no file of an observer")
    return name


def _below(kind: str, stored: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a kind, in the order in which they were written."""
    return {
        name.partition("/")[2]: array
        for name, array in stored.items()
        if name.partition("/")[0] == kind
    }
