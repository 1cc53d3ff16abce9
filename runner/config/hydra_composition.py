"""What Hydra composes of `conf/`, with its own settings as they are when a job starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from runner.config.hydra_settings import check_settings
from runner.config.run_config import CONF
from runner.config.search_path import composing


def compose_by_hydra(
    overrides: list[str], folder: Path = Path("outputs"), conf: Path = CONF
) -> DictConfig:
    """Compose one job; see `runner.config.composition.compose_plain`.

    Raises:
        HydraException, OmegaConfBaseException or ValueError: Hydra's own words of what is wrong.
        ConfigurationError: Hydra's own settings ask for what the program cannot do.
    """
    with composing(conf):
        composed = compose("config", overrides, return_hydra_config=True)
    chosen = composed.hydra
    check_settings(chosen)
    with open_dict(composed):
        chosen.runtime.output_dir = str(folder)  # known only when a job starts
        chosen.job.num, chosen.job.id = 0, "0"
        HydraConfig.instance().set_config(composed)  # some values refer to Hydra's choices
        composed.hydra = {"launcher": chosen.launcher, "sweep_dir": chosen.sweep.dir}
    return composed


def plain(composed: DictConfig) -> dict[str, Any]:
    """Return a composed configuration as plain containers, every value resolved."""
    resolved = OmegaConf.to_container(composed, resolve=True)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items()}
