"""Checks of a configuration: types and ranges, then combinations that exclude each other."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from pydantic import TypeAdapter

from runner.base.errors import ConfigurationError
from runner.base.language import errors_in
from runner.base.option_types import Role
from runner.config.dataset_checks import check_dataset
from runner.config.own_path import check_path
from runner.config.run_config import Config
from runner.config.task_checks import check_task

_CONFIG = TypeAdapter(Config)
_FOR_TABLES = "runner.models.dense"


def parse_config(plain: dict[str, Any]) -> Config:
    """Check a composed configuration, in plain containers, and return it typed.

    Raises:
        pydantic.ValidationError: a key is unknown or missing, a value of the wrong type or range.
        ConfigurationError: two values exclude each other.
    """
    config = _CONFIG.validate_json(json.dumps(plain))
    if config.resume is not None:
        raise ConfigurationError(
            f"resume={config.resume}: goes on with one run, and stands alone on the command line; "
            "a sweep goes on when its command is given again"
        )
    if config.dataset.path is not None:  # without it a data set can still be described
        check_path(config.dataset)
    check_dataset(config.dataset)
    _check_seeds(config.all_seeds)
    _check_evaluation(config)
    _check_training(config)
    _check_table(config)
    _check_tta(config)
    if config.dataset.fitted_images is not None:
        check_baselines(config, config.dataset.fitted_images)
    check_task(config)
    _check_fine_tuning(config)
    return config


def check_trainable(config: Config) -> None:
    """Raise ConfigurationError for what can be described, but not trained.

    It is a data set of the user's own whose path is not given, or a network for images and a table.
    """
    with errors_in(config.language):
        check_path(config.dataset)
        network = config.model.function
        for_images = network.__module__.startswith("runner.") and network.__module__ != _FOR_TABLES
        if config.dataset.is_table and for_images:
            raise ConfigurationError(
                f"{network.__name__} cannot be built for {config.dataset.name}, a table: it is a "
                "network for images; choose model=dense"
            )


def check_baselines(config: Config, images: int) -> None:
    """Raise ConfigurationError if a baseline cannot be fitted on `images` training images."""
    task = config.dataset.task()
    for name, baseline in config.baselines.items():
        key, size = f"baselines.{name}", min(baseline.train_size or images, images)
        if size < task.fewest:
            raise ConfigurationError(f"{key}.train_size={size}: fewer than the {task.size}")
        if baseline.shifts and config.dataset.is_table:
            raise ConfigurationError(
                f"{key}.shifts=true moves images, but {config.dataset.name} is a table; "
                "choose false"
            )
        rows = size * baseline.versions
        for option, value in baseline.estimator.options_in(Role.ROWS).items():
            if value is not None and value > rows:
                raise ConfigurationError(f"{key}.{option}={value}: it is fitted on {rows} only")


def _check_seeds(seeds: list[int]) -> None:
    repeated = sorted(seed for seed, count in Counter(seeds).items() if count > 1)
    if repeated:
        raise ConfigurationError(f"seeds={seeds}: {repeated[0]} is there more than once")
    if max(seeds) >= 2**31:
        raise ConfigurationError(
            f"seed={seeds[0]} and {len(seeds)} seeds: the last would be {max(seeds)}; seeds are "
            f"less than {2**31}"
        )


def _check_evaluation(config: Config) -> None:
    if config.evaluation.test or config.dataset.has_validation:
        return
    if config.training.trains or len(config.all_seeds) > 1:
        raise ConfigurationError(
            "evaluation.test=false leaves nothing to evaluate; set dataset.validation_fraction, "
            "for example to 0.1"
        )


def _check_table(config: Config) -> None:
    for_images = [key for key, change in config.augmentation.items() if not change().takes_tables]
    if config.dataset.is_table and for_images:
        raise ConfigurationError(
            f"augmentation.{for_images[0]} changes images, but {config.dataset.name} is a table; "
            "choose augmentation=none"
        )


def _check_tta(config: Config) -> None:
    tta = config.evaluation.tta
    if config.dataset.is_table and tta:
        raise ConfigurationError(
            f"evaluation.tta={tta} changes images, but {config.dataset.name} is a table; choose "
            "evaluation.tta=null"
        )
    if config.dataset.output_names and tta:
        raise ConfigurationError(
            f"evaluation.tta={tta} averages probabilities, but {config.dataset.name} "
            "asks for numbers; choose evaluation.tta=null"
        )


def _check_fine_tuning(config: Config) -> None:
    function = config.model.function
    if config.training.fine_tuning and not getattr(function, "has_backbone", False):
        raise ConfigurationError(
            f"training.fine_tuning trains the end of a frozen backbone, but model="
            f"{function.__name__} has none, or does not declare it with runner.models.frozen."
            "with_backbone; choose model=inception-resnet-v2, or training.fine_tuning=null"
        )


def _check_training(config: Config) -> None:
    batch_size, fitted = config.training.batch_size, config.dataset.fitted_images
    if fitted is not None and batch_size > fitted:
        raise ConfigurationError(
            f"training.batch_size={batch_size}: there are only {fitted} {config.dataset.items} to "
            f"train on; choose {fitted} or less"
        )
    if not config.dataset.has_validation:
        _check_monitors(config)
    _check_average(config)


def _check_average(config: Config) -> None:
    """Raise ConfigurationError where a callback puts others in the place of averaged weights."""
    options = config.optimizer.options
    own = {f"optimizer.{key}": options.get(key) for key in ("ema", "use_ema")}
    of_keras = {f"optimizer.options.{k}": v for k, v in (options.get("options") or {}).items()}
    averages = {key: v for key, v in (own | of_keras).items() if v and key.endswith("ema")}
    restoring = [k for k, c in config.callbacks.items() if c.options.get("restore_best_weights")]
    for key, value in averages.items() if restoring else ():
        raise ConfigurationError(
            f"{key}={value} has no effect: callbacks.{restoring[0]} ends the training with the "
            "weights of its best epoch, not with their average; choose "
            f"callbacks.{restoring[0]}.restore_best_weights=false, or no average"
        )


def _check_monitors(config: Config) -> None:
    for option, monitor in config.monitors.items():
        if monitor.startswith("val_"):
            raise ConfigurationError(
                f"{option}={monitor}: there are no validation images; set "
                "dataset.validation_fraction, for example to 0.1, or watch loss or accuracy"
            )
