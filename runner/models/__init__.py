"""Network architectures: plain functions from (image shape, outputs) and options to a model."""

from __future__ import annotations

import re
from dataclasses import replace

from runner.base.compat import seeing_weights
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.option_types import OutputActivation
from runner.base.tasks import Task
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models.output_check import check_outputs
from runner.models.weight_memory import WeightMemory

_TOO_SMALL = re.compile(
    r"zero or negative.*inputs shape=\(None, (\d+), (\d+), \d+\).*kernel shape=\((\d+), (\d+),"
)
"""Keras' words where a convolution without padding is given less than one of its filters."""


def build_checked(config: Config, task: Task, train: TrainSplit) -> keras.Model:
    """Build the network of a run, its loss resolved, whose outputs are those of the task.

    Raises:
        ConfigurationError: as `build_model` and `runner.models.output_check` do.
    """
    outputs = task.outputs(config.training.loss)
    network = build_model(config.model, outputs, train, task.activation)
    check_outputs(network, config, task, train)
    return network


def build_model(
    model: Component, outputs: int, train: TrainSplit, auto: OutputActivation = "auto"
) -> keras.Model:
    """Build a network for a data set.

    Args:
        model: one of `conf/model/`.
        outputs: number of values the network gives for one image.
        train: gives the image shape, and the pixels an adapted normalization is fitted to, and
            the targets that outputs are scaled to.
        auto: what `output_activation: auto` of the model stands for; see `runner.models.layers`.

    Returns:
        An untrained model from float32 [n, height, width, channels], 0 .. 255, or [n, features],
        to [n, outputs].

    Raises:
        ConfigurationError: the layers do not fit the images, or the weights into the memory.
    """
    if model.options.get("output_activation") == "auto":
        model = replace(model, options=model.options | {"output_activation": auto})
    try:
        with seeing_weights(WeightMemory(model).add):
            network = model(train.images.shape[1:], outputs)
    except ValueError as error:
        raise ConfigurationError(_explain(model, train, str(error))) from error
    _adapt(network, train)
    return network


def _explain(model: Component, train: TrainSplit, reason: str) -> str:
    """Say why a network cannot be built, from what Keras says."""
    reason = " ".join(reason.split()).partition(" Arguments received")[0]
    shape = "x".join(map(str, train.images.shape[1:]))
    what = f"{shape} images" if "x" in shape else f"a table of {shape} features"
    if found := _TOO_SMALL.search(reason):
        left, filters = f"{found[1]}x{found[2]}", f"{found[3]}x{found[4]}"
        reason = (
            f"a filter of {filters} does not fit into the {left} pixels that are left of them "
            "there; take larger images, smaller filters, or padding=same"
        )
    module = model.function.__module__
    if "x" not in shape and not module.startswith("runner."):
        reason += "; networks for tables are made like model=dense"
    elif "x" not in shape and module != "runner.models.dense":
        reason = "it is a network for images; choose model=dense"
    return f"{model.function.__name__} cannot be built for {what}: {reason}"


def _adapt(network: keras.Model, train: TrainSplit) -> None:
    for layer in network.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.adapt(train.targets if layer.invert else train.images)
