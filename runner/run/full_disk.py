"""What is kept of a run that ends since it cannot write, and the command that goes on with it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.base.errors import DiskError, RunnerError, full_disk
from runner.base.program_files import command_name
from runner.base.stored_files import CHECKPOINT
from runner.run.job import Job
from runner.tracking.found_run import CONFIGURATION, NETWORK
from runner.training.checkpoint_file import Checkpoint

_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def saying_what_is_kept(job: Job) -> Iterator[None]:
    """Say of a run that meets a full disk, or may not write, what is kept, and how it goes on.

    Raises:
        DiskError: it does, and its folder has what another process needs to go on with it.
    """
    try:
        yield
    except RunnerError:
        raise
    except Exception as error:
        full = full_disk(error)
        problem = full or _refusal(error, job.folder)
        if not problem or not (job.folder / CONFIGURATION).is_file():
            raise
        kept = ", ".join(filter(None, (_kept(job, seed) for seed in job.config.all_seeds)))
        resume = f"{command_name()} resume=latest goes on"
        again = "repeat the command of the sweep" if job.sweep_tags else resume
        raise DiskError(
            f"{problem}; kept: {kept or 'the configuration alone'}; "
            f"{'free some' if full else 'allow that'}, then {again}"
        ) from error


def _refusal(error: Exception, folder: Path) -> str:
    """Return what is to be said where nothing may be written in a folder; otherwise nothing."""
    if not isinstance(error, OSError) or error.errno not in _REFUSED or error.filename is None:
        return ""
    inside = Path(str(error.filename)).resolve().is_relative_to(folder.resolve())
    return f"{folder}: cannot be written ({error.strerror})" if inside else ""


def _kept(job: Job, seed: int) -> str:
    """Return what is kept of the training of a seed; empty where it is nothing."""
    folder = job.seed_folder(seed)
    of_seed = f" of seed {seed}" if job.several else ""
    if (folder / CHECKPOINT).is_file():
        epochs = len(Checkpoint.read(folder / CHECKPOINT).epoch_seconds)
        return f"the training{of_seed} until epoch {epochs}"
    return f"the network{of_seed}" if (folder / NETWORK).is_file() else ""
