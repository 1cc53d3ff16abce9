"""What data sets that tests build by hand share: the values that `conf/dataset/base` has."""

from typing import Any

from omegaconf import OmegaConf

from runner.config.run_config import CONF

_LOADED = OmegaConf.load(CONF / "dataset/base/dataset.yaml")
BASE: dict[str, Any] = {str(key): value for key, value in _LOADED.items()}
