"""The checkpoints of the seeds of a run, each in the folder of its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from runner.base import console
from runner.base.errors import PrunedError
from runner.base.stored_files import CHECKPOINT
from runner.training.checkpoint import Checkpoints


def open_checkpoints(
    folders: Mapping[int, Path], fingerprints: Mapping[int, str], minutes: float | None
) -> dict[int, Checkpoints]:
    """Return the checkpoints of each seed; see `runner.training.checkpoint`.

    Args:
        folders: of the seeds.
        fingerprints: of their trainings, by seed.
        minutes: between two checkpoints; None writes none.
    """
    return {
        seed: Checkpoints(folder / CHECKPOINT, minutes, fingerprints[seed], console.say)
        for seed, folder in folders.items()
    }


def remove_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a seed that is finished, if there is one."""
    (folder / CHECKPOINT).unlink(missing_ok=True)


@contextmanager
def while_needed(folders: Mapping[int, Path]) -> Iterator[None]:
    """Remove the checkpoints of a run once it is finished, or given up by a search."""
    try:
        yield
    except PrunedError:
        _remove_all(folders)
        raise
    _remove_all(folders)


def _remove_all(folders: Mapping[int, Path]) -> None:
    for folder in folders.values():
        remove_checkpoint(folder)
