"""Whether images that a network was trained on would now be held out, to test or to watch it."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from runner.base.errors import ConfigurationError
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import Config

_LONGEST = 40
"""Characters of a value that is named."""


def check_leakage(there: DatasetConfig, config: Config) -> None:
    """Compare how the same data set is split by a run and by one that goes on from it.

    Without validation images here `train_size` may differ: it takes the first training images.
    What the run had itself gone on from is not looked at.

    Raises:
        ConfigurationError: images trained on there would be test or validation images here.
    """
    here = config.dataset
    if not _are_the_same(there, here):
        return
    test = _differences(_test_part(there), _test_part(here))
    validation = test + _differences(_validation_part(there), _validation_part(here))
    if test and config.evaluation.test:
        _refuse("test", test)
    if validation and here.validation_fraction:
        _refuse("validation", validation)


def _are_the_same(there: DatasetConfig, here: DatasetConfig) -> bool:
    declared = there.source().digests, here.source().digests
    return declared[0] == declared[1] if all(declared) else there.name == here.name


def _test_part(config: DatasetConfig) -> dict[str, Any]:
    declared = config.source().test_split
    options = config.source.options if declared is None else declared
    return {f"source.{key}": value for key, value in options.items()}


def _validation_part(config: DatasetConfig) -> dict[str, Any]:
    return {
        "train_size": config.used_images,
        "validation_fraction": config.validation_fraction,
        "validation_seed": config.validation_seed,
        "relabel": config.relabel,
    }


def _differences(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    values = {key: (there.get(key), here.get(key)) for key in {**here, **there}}
    return [
        f"dataset.{key} is {_short(old)} there, {_short(new)} here"
        for key, (old, new) in values.items()
        if old != new
    ]


def _short(value: Any) -> str:
    return shorten(str(value), _LONGEST, placeholder=" ...")


def _refuse(part: str, differences: list[str]) -> None:
    raise ConfigurationError(
        f"images it was trained on would be {part} images here: {', '.join(differences)}; choose "
        "what it has there, or another dataset.name if these are other images"
    )
