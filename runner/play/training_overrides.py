"""The command line of a training that is started from the page, as KEY=VALUE."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runner.config import composition
from runner.datasets import catalog
from runner.play.own_data import OwnData, dataset_overrides
from runner.play.play_requests import TrainingRequest

_FEATURES, _OPTIMIZER = 2, "adam"


def training_overrides(asked: TrainingRequest, own: OwnData | None = None) -> list[str]:
    """Return what the command line of a training says.

    Args:
        asked: what was chosen on the page.
        own: data of the user's own, or None.

    Raises:
        ConfigurationError: there is no such data set.
    """
    config = own.datasets.get(asked.dataset) if own else None
    config = config or catalog.configured(asked.dataset)
    defaults = composition.compose_plain([f"optimizer={asked.optimizer}"])
    overrides = [*dataset_overrides(asked.dataset, own), f"model={asked.model}"]
    if asked.optimizer != _OPTIMIZER:
        overrides.append(f"optimizer={asked.optimizer}")
    if asked.learning_rate != defaults["optimizer"]["learning_rate"]:
        overrides.append(f"optimizer.learning_rate={asked.learning_rate:g}")
    overrides.append(f"training.epochs={asked.epochs}")
    if asked.batch_size != defaults["training"]["batch_size"]:
        overrides.append(f"training.batch_size={asked.batch_size}")
    fewer = config.train_images is None or (asked.train_size or 0) < config.train_images
    if asked.train_size and fewer:
        overrides.append(f"dataset.train_size={asked.train_size}")
    if asked.validation_fraction:
        overrides.append(f"dataset.validation_fraction={asked.validation_fraction:g}")
    figures = f"figures=[{','.join(_figures(config.shape, asked.model))}]"
    # the page reads the progress in the checkpoint
    return [*overrides, *_of_network(asked), "training.checkpoint_minutes=0", figures]


def store_overrides(uri: str | None) -> list[str]:
    """Return what the store of the page's runs is on a command line; [] for the usual one."""
    if uri is None:
        return []
    return [f"tracking.uri='{uri}'"] + ["tracking=folder"] * Path(uri).is_dir()


def _of_network(asked: TrainingRequest) -> list[str]:
    overrides = []
    if asked.model == "dense" and asked.hidden_layers:
        units = ",".join([str(asked.hidden_units)] * asked.hidden_layers)
        overrides.append(f"model.hidden_units=[{units}]")
    if asked.activation:
        overrides.append(f"model.activation={asked.activation}")
    return overrides + [f"language={asked.language}"] * (asked.language != "en")


def _figures(shape: Sequence[int], model: str) -> list[str]:
    if len(shape) == 1:
        return ["learning-curves", *(["decision-regions"] if shape[0] == _FEATURES else [])]
    filters = ["filter-evolution"] if model in ("lenet", "vgg-3x3") else []
    return ["learning-curves", "confusion-matrix", *filters]
