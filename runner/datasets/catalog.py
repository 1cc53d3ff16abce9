"""The catalog of data sets in conf/dataset, by the names a user types."""

from __future__ import annotations

from typing import Any, cast

from hydra import compose
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError
from yaml import YAMLError  # type: ignore[import-untyped]

from runner.base.errors import ConfigurationError
from runner.base.suggestions import nearest_or_all
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import CONF
from runner.config.search_path import composing, group_files


def names() -> list[str]:
    """Return every name `dataset=` takes."""
    return [path.stem for path in group_files("dataset", CONF)]


def configured(name: str) -> DatasetConfig:
    """Return the configuration of a data set, composed as a run composes it.

    Raises:
        ConfigurationError: there is no data set of that name, or its YAML is wrong.
    """
    if name not in names():
        raise ConfigurationError(f"there is no data set {name!r}{nearest_or_all(name, names())}")
    try:
        return parse_dataset(_composed(name))
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"conf/dataset/{name}.yaml: {'; '.join(wrong)}") from error
    except (ConfigurationError, HydraException, OmegaConfBaseException, YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"conf/dataset/{name}.yaml: {reason}") from error


def _composed(name: str) -> dict[str, Any]:
    with composing(CONF):
        plain = OmegaConf.to_container(compose(f"dataset/{name}").dataset, resolve=True)
    return cast(dict[str, Any], plain)
