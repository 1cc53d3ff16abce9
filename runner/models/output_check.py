"""The check of a network as it was built: its outputs are those that the task asks for."""

from __future__ import annotations

import numpy as np

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.tasks import Task
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models.layers import gives_logits

_IMAGES = 8  # a linear output of one or two may be between 0 and 1 by chance
_TOLERANCE = {"float32": 1e-3}
_COARSE = 1e-2  # of a sum of probabilities in bfloat16, which has 8 bits
_LIBRARY = "of runner.models.layers"


def check_outputs(network: keras.Model, config: Config, task: Task, train: TrainSplit) -> None:
    """Refuse a network whose outputs would be trained without a word, and mean nothing.

    Of networks of the program their number alone is checked; those of the user, which may end in
    any layer, are also asked about a few training images.

    Args:
        network: just built.
        config: of the run, its loss resolved.
        task: what is learned.
        train: images that are asked about.

    Raises:
        ConfigurationError: it has more or fewer outputs, or other values than the loss takes.
    """
    function = config.model.function
    name = f"{function.__module__}.{function.__qualname__}"
    _check_count(network, name, config, task)
    if function.__module__.partition(".")[0] == "runner":
        return
    if config.logits and not gives_logits(network):
        raise ConfigurationError(
            f"model.output_activation=logits: {name} ends in no layer of that name; end in "
            f'output(x, outputs, "logits") {_LIBRARY}'
        )
    if "crossentropy" in config.training.loss and not config.logits:
        _check_probabilities(network, name, task, train)


def _check_count(network: keras.Model, name: str, config: Config, task: Task) -> None:
    outputs = task.outputs(config.training.loss)
    shapes = [tuple(value.shape[1:]) for value in network.outputs]
    if shapes == [(outputs,)]:
        return
    found = " and ".join("x".join(map(str, shape)) for shape in shapes)
    raise ConfigurationError(
        f"{name} gives {found} outputs, expected {outputs} for the {task.size} of "
        f'{config.dataset.name}: end in output(x, outputs, "{task.activation}") {_LIBRARY}'
    )


def _check_probabilities(network: keras.Model, name: str, task: Task, train: TrainSplit) -> None:
    images = train.images[:_IMAGES].astype(np.float32)
    given = network(images, training=False)
    tolerance = _TOLERANCE.get(keras.backend.standardize_dtype(given.dtype), _COARSE)
    values = np.asarray(keras.ops.convert_to_numpy(given), np.float32)
    of_one_class = not task.thresholded(values.shape[-1])
    outside = values[(values < 0) | (values > 1)]
    if outside.size:
        wrong = f"{outside[0]:.3g}"
    else:
        sums = values.sum(axis=-1)
        unequal = sums[abs(sums - 1) > tolerance]
        if not of_one_class or not unequal.size:
            return
        wrong = f"values that add up to {unequal[0]:.3g}"
    wanted, last = ("that add up to 1", "softmax") if of_one_class else ("0 to 1", "sigmoid")
    raise ConfigurationError(
        f"{name} gives {wrong} for a training image, expected probabilities {wanted}: end in "
        f'{last}, as output(x, outputs, "{task.activation}") {_LIBRARY} does'
    )
