"""The folder of a run: how it is named in the store, and what it was configured with."""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from runner.base.atomic_files import write_text
from runner.base.stored_files import DIGESTS, write_digests
from runner.run.job import Job
from runner.tracking.found_run import CONFIGURATION

ENVIRONMENT = "environment.json"
"""Versions and hardware, in the folder of a run."""

LOCKED = "another process is still running there; wait until it ends"


def folder_tag(folder: Path) -> dict[str, str]:
    """Return the tag with the folder of the files of a run."""
    return {"folder": str(folder.resolve())}


def is_begun(folder: Path) -> bool:
    """Tell whether a run began there: its configuration is written whole, with its digest."""
    noted = (folder / CONFIGURATION).parent / DIGESTS
    return noted.is_file() or (folder / ENVIRONMENT).is_file()


def command_files(settings: DictConfig) -> dict[str, str]:
    """Return the texts about a command line that Hydra writes, by file.

    They are written with the configuration once the run begins, since a run of before may be in the
    folder, which one that is refused leaves as it is.

    Args:
        settings: Hydra's own.
    """
    contents = {"hydra": settings, "overrides": settings.hydra.overrides.task}
    return {f"{name}.yaml": OmegaConf.to_yaml(content) for name, content in contents.items()}


def write_configuration(job: Job) -> None:
    """Write the configuration of a job, every value resolved, and its digest beside it."""
    path = job.folder / CONFIGURATION
    path.parent.mkdir(exist_ok=True)
    (path.parent / DIGESTS).unlink(missing_ok=True)  # of an earlier attempt
    for name, text in job.command.items():
        write_text(path.parent / name, text)
    write_text(path, OmegaConf.to_yaml(OmegaConf.create(job.config.as_plain())))
    write_digests(path.parent)
