"""The folder of a run: how it is named in the store, and what it was configured with."""

from __future__ import annotations

from pathlib import Path

from omegaconf import OmegaConf

from runner.base.atomic_files import write_text
from runner.config.run_config import Config
from runner.tracking.run_finder import CONFIGURATION


def folder_tag(folder: Path) -> dict[str, str]:
    """Return the tag with the folder of the files of a run."""
    return {"folder": str(folder.resolve())}


def write_configuration(config: Config, folder: Path) -> None:
    """Write a configuration, every value resolved, to where Hydra writes that of a single run."""
    (folder / CONFIGURATION).parent.mkdir(exist_ok=True)
    text = OmegaConf.to_yaml(OmegaConf.create(config.as_plain()))
    write_text(folder / CONFIGURATION, text)
