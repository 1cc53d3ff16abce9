"""The check that no training image of an earlier run becomes a test or validation image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.stored_files import read_json
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.predictions import FILES
from runner.evaluation.predictions_file import are_of_others
from runner.tracking.found_run import REPORT

_LONGEST = 40
"""Largest number of characters of a value in a message."""


@contextmanager
def naming(option: str) -> Iterator[None]:
    """Say which option an error comes from."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(f"{option}: {error}") from error


def check_leakage(earlier: DatasetConfig, config: Config) -> None:
    """Compare the splits of an earlier run with those of a run that starts from its network.

    Without validation images in the new run `train_size` may differ, since it takes the first
    training images. Earlier ancestors of the network are not checked.

    Args:
        earlier: data set of the earlier run.
        config: of the new run.

    Raises:
        ConfigurationError: training images of the earlier run are test or validation images now.
    """
    now = config.dataset
    if not _are_the_same(earlier, now):
        return
    test = _differences(_test_part(earlier), _test_part(now))
    validation = test + _differences(_validation_part(earlier), _validation_part(now))
    if test and config.evaluation.test:
        _refuse("test", now, test)
    if validation and now.validation_fraction:
        _refuse("validation", now, validation)


def check_content(earlier: DatasetConfig, folder: Path, config: Config, data: Dataset) -> None:
    """Compare images held out by an earlier run with those of a run that starts from its network.

    What neither its YAML nor its options declare is in question here: files that were changed.

    Args:
        earlier: data set of the earlier run, the splits of which were compared before.
        folder: of that run, or of its seed.
        config: of the new run.
        data: of the same; its test images are not looked at.

    Raises:
        ConfigurationError: they are others, though the options are the same.
    """
    now = config.dataset
    declared = now.source().digests is not None or earlier.relabel != now.relabel
    if declared or not _are_the_same(earlier, now):
        return
    held_out: dict[str, TestSplit | TrainSplit | None] = {
        "test": data.test if config.evaluation.test else None,
        "validation": data.validation if now.validation_fraction else None,
    }
    for part, split in held_out.items():
        if split is not None and _were_others(folder, part, split):
            raise ConfigurationError(
                f"the files of {now.name} have changed since: {now.items} it was trained on may be "
                f"{part} {now.items} now; train anew, or choose another dataset.name if these are "
                "others"
            )


def _were_others(folder: Path, part: str, split: TestSplit | TrainSplit) -> bool:
    """Whether the earlier run held other images out than these, as far as it says."""
    path = folder / REPORT
    examples = read_json(path).get(f"{part}_examples") if path.is_file() else None
    return are_of_others(folder / FILES[part], split) or bool(
        examples and examples != split.examples
    )


def _are_the_same(earlier: DatasetConfig, now: DatasetConfig) -> bool:
    declared = earlier.source().digests, now.source().digests
    return declared[0] == declared[1] if all(declared) else earlier.name == now.name


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


def _differences(earlier: dict[str, Any], now: dict[str, Any]) -> list[str]:
    values = {key: (earlier.get(key), now.get(key)) for key in {**now, **earlier}}
    return [
        f"dataset.{key} is {_short(old)} there, {_short(new)} here"
        for key, (old, new) in values.items()
        if old != new
    ]


def _short(value: Any) -> str:
    return shorten(str(value), _LONGEST, placeholder=" ...")


def _refuse(part: str, now: DatasetConfig, differences: list[str]) -> None:
    raise ConfigurationError(
        f"{now.items} it was trained on would be {part} {now.items} here: "
        f"{', '.join(differences)}; choose what it has there, or another dataset.name if these are "
        f"other {now.items}"
    )
