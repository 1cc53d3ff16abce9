"""The folder of a run: how it is named in the store, and what it was configured with."""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from runner.base.atomic_files import write_text
from runner.base.folder_lock import locked
from runner.base.stored_files import DIGESTS, write_digests
from runner.config.run_config import Config
from runner.tracking.found_run import CONFIGURATION

ENVIRONMENT = "environment.json"
"""Versions and hardware, in the folder of a run."""

LOCKED = "another process is still running there; wait until it ends"


def folder_tag(folder: Path) -> dict[str, str]:
    """Return the tag with the folder of the files of a run."""
    return {"folder": str(folder.resolve())}


def is_begun(folder: Path) -> bool:
    """Tell whether a run began there: `write_composed` comes before that, with no digest."""
    noted = (folder / CONFIGURATION).parent / DIGESTS
    return noted.is_file() or (folder / ENVIRONMENT).is_file()


def write_composed(folder: Path, composed: DictConfig, settings: DictConfig) -> None:
    """Write what Hydra composed of a command line, as Hydra does, but into no run that goes on.

    Args:
        folder: of the run.
        composed: the configuration.
        settings: Hydra's own.

    Raises:
        ConfigurationError: another process runs there.
    """
    texts = {"config": composed, "hydra": settings, "overrides": settings.hydra.overrides.task}
    with locked(folder, LOCKED):
        parent = (folder / CONFIGURATION).parent
        parent.mkdir(exist_ok=True)
        for name, content in texts.items():
            write_text(parent / f"{name}.yaml", OmegaConf.to_yaml(content))


def write_configuration(config: Config, folder: Path) -> None:
    """Write a configuration, every value resolved, instead of that of `write_composed`.

    Its digest is noted beside it.
    """
    path = folder / CONFIGURATION
    path.parent.mkdir(exist_ok=True)
    (path.parent / DIGESTS).unlink(missing_ok=True)  # of an earlier attempt
    write_text(path, OmegaConf.to_yaml(OmegaConf.create(config.as_plain())))
    write_digests(path.parent)
