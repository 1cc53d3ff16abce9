"""The data sets of conf/dataset, by the names a user types."""

from difflib import get_close_matches
from typing import Any

from runner.config import CONF, DatasetConfig, parse_dataset
from runner.errors import ConfigurationError


def names() -> list[str]:
    """Return every name `dataset=` takes."""
    return sorted(path.stem for path in (CONF / "dataset").glob("*.yaml"))


def configured(name: str, **overrides: Any) -> DatasetConfig:
    """Return the configuration of a data set, composed as a run composes it.

    Raises:
        ConfigurationError: there is no data set of that name.
    """
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    if name not in names():
        near = get_close_matches(name, names(), n=3, cutoff=0.4) or names()
        raise ConfigurationError(f"there is no data set {name!r}; did you mean {', '.join(near)}?")
    with initialize_config_dir(str(CONF), version_base=None):
        node = OmegaConf.to_container(compose(f"dataset/{name}").dataset, resolve=True)
    assert isinstance(node, dict)
    return parse_dataset({str(key): value for key, value in node.items()} | overrides)
