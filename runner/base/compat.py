"""The private names of libraries that the program relies on.

Each function says why there is no public alternative; `tests/base/test_compat.py` fails where a
version of a library changes one of them.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from threading import get_ident
from typing import Any

from hydra._internal.utils import get_args_parser

from runner.base.lazy import joblib, keras, optuna, tf

_ELEMENTWISE = (
    *("SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Ftrl", "Lion"),
)


def operation_of(value: Any) -> Any:
    """Return the Keras layer or operation that computed a symbolic value.

    `layer.output` is no way back: it may belong to another network that shares the layer.
    """
    return value._keras_history.operation


def inputs_of(value: Any) -> list[Any]:
    """Return the symbolic values that a symbolic value was computed from."""
    operation, index, _ = value._keras_history
    return list(operation._inbound_nodes[index].input_tensors)


def all_layers(layer: keras.Layer) -> Iterator[keras.Layer]:
    """Yield a Keras layer and the layers inside it, at any depth.

    `model.layers` stops at the first level, and wrappers have none.
    """
    yield from layer._flatten_layers()


def logits_of(outputs: Any) -> Any:
    """Return what Keras' softmax or sigmoid made outputs of; None where neither did.

    Its losses go back to them too, and lose no digits of probabilities near 0 and 1.
    """
    return getattr(outputs, "_keras_logits", None)


def with_logits(outputs: Any, logits: Any) -> Any:
    """Return outputs that Keras' losses go back from to their logits, if there are any."""
    if logits is not None:
        outputs._keras_logits = keras.ops.convert_to_tensor(logits)
    return outputs


def build_metrics(network: keras.Model, targets: Any) -> None:
    """Have a compiled Keras network create the variables of its metrics.

    It would do so at their first use: traced, that makes TensorFlow trace a step twice; computed,
    a dozen operations have their kernels loaded on a GPU for nothing.

    Args:
        network: with one output.
        targets: of one item, encoded.
    """
    if network._compile_metrics is not None:
        network._compile_metrics.build(targets, keras.KerasTensor([1, *network.output_shape[1:]]))


def leave_gradients(optimizer: keras.optimizers.Optimizer) -> None:
    """Stop a Keras optimizer from summing gradients over replicas; one device has no replicas.

    TensorFlow would retain the gradient of the sum, and with it every graph that was ever traced,
    until the process ends.
    """
    optimizer._all_reduce_sum_gradients = lambda pairs: pairs


def rate_of(optimizer: keras.optimizers.Optimizer) -> Any:
    """Return the learning rate of a Keras optimizer, or its learning-rate schedule.

    `optimizer.learning_rate` is only the schedule's current value.
    """
    return optimizer._learning_rate


def replace_rate(optimizer: keras.optimizers.Optimizer, rate: Callable[[], Any]) -> None:
    """Make a Keras optimizer call a function for its learning rate at each step."""
    optimizer._get_current_learning_rate = rate


def trained_shapes(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """Return the shapes of the variables that a Keras optimizer was built for."""
    return [variable.shape for variable in optimizer._trainable_variables]


def elementwise(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether a Keras optimizer treats each weight by itself, whatever variable it stands in."""
    kinds = {getattr(keras.optimizers, name) for name in _ELEMENTWISE}
    clipped = optimizer.clipnorm or optimizer.global_clipnorm
    selective = getattr(optimizer, "_exclude_from_weight_decay", None) or getattr(
        optimizer, "_exclude_from_weight_decay_pattern", None
    )
    return type(optimizer) in kinds and not clipped and not selective


@contextmanager
def seeing_weights(see: Callable[[tuple[int, ...]], None]) -> Iterator[None]:
    """Call a function with the shape of each weight of Keras layers before it is allocated.

    Keras has no event for that; `Layer.add_weight` is public, its replacement is not foreseen.
    """
    original = keras.layers.Layer.add_weight

    def add_weight(layer: keras.Layer, shape: Any = None, *arguments: Any, **options: Any) -> Any:
        see(tuple(shape or ()))
        return original(layer, shape, *arguments, **options)

    keras.layers.Layer.add_weight = add_weight
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = original


@contextmanager
def initial_values_on_cpu() -> Iterator[None]:
    """Have Keras compute the initial values of variables on the CPU, wherever the variables are.

    It would compute them where a variable is, and a GPU loads the kernels of eight operations for
    that. There is no option for it; a device set around the whole would take the variables, too.
    """
    original = keras.Variable._initialize_with_initializer

    def initialize(variable: Any, initializer: Callable[..., Any]) -> None:
        def computed(*arguments: Any, **options: Any) -> Any:
            with tf.device("CPU:0"):
                return initializer(*arguments, **options)

        original(variable, computed)

    keras.Variable._initialize_with_initializer = initialize
    try:
        yield
    finally:
        keras.Variable._initialize_with_initializer = original


@contextmanager
def hidden_packages(*names: str) -> Iterator[None]:
    """Let packages that are not imported yet look as if they were not installed, to this thread.

    Keras imports scikit-learn, pandas and Matplotlib where they are installed, for wrappers and
    plots that no run uses; there is no option against it. MLflow, which another thread may import
    meanwhile, would lack half of itself without them.
    """
    hiding = _Hiding(names)
    # lists of their own: another thread that is looking through the old one would skip a finder
    sys.meta_path = [hiding, *sys.meta_path]
    try:
        yield
    finally:
        sys.meta_path = [finder for finder in sys.meta_path if finder is not hiding]


class _Hiding(MetaPathFinder):
    """Finds that packages are not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names, self._thread = names, get_ident()

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise ModuleNotFoundError for what is hidden; leave the rest to others."""
        if fullname in self._names and get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def hydra_parser() -> ArgumentParser:
    """Return Hydra's argument parser, to read a command line before Hydra acts on it."""
    return get_args_parser()


def replaceable_pool(**options: Any) -> Any:
    """Return a pool of one process, joblib's loky, with an environment of its own."""
    return joblib.externals.loky.ProcessPoolExecutor(1, **options)


def trial_of(study: optuna.Study, number: int) -> tuple[optuna.Trial, dict[int, float]]:
    """Return a running trial of another process, and its reported value for each step.

    Optuna has no public way to hand a trial to another process.
    """
    frozen = next(trial for trial in study.get_trials(deepcopy=False) if trial.number == number)
    return optuna.Trial(study, frozen._trial_id), frozen.intermediate_values
