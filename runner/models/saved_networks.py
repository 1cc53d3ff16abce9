"""Saved networks, loaded and adapted to take raw pixels as the figures expect."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from runner.base.atomic_files import replacing
from runner.base.compat import all_layers, operation_of, seeing_weights
from runner.base.errors import ConfigurationError, DataError
from runner.base.hdf5_probe import check_hdf5
from runner.base.lazy import h5py, keras
from runner.base.option_types import Normalization
from runner.base.stored_files import check_digest
from runner.base.tasks import Task
from runner.models.layers import gives_logits, image_input
from runner.models.weight_memory import StoredWeights

_UNKNOWN = re.compile(r"Could not (locate|interpret) |Unknown ")
_LONGEST = 200


def load_network(path: Path, *, with_optimizer: bool = False) -> keras.Model:
    """Load a `.keras` file, or an `.h5` file as Keras 2 wrote it, without running code from it.

    Args:
        path: of the file.
        with_optimizer: whether to compile the network as it was saved, with its optimizer's state.

    Raises:
        DataError: it holds no network, or one that needs code of its own, or it is another file
            than its run has stored.
    """
    if not check_digest(path):
        check_hdf5(path)
    try:
        with seeing_weights(StoredWeights(path).add):
            network = keras.models.load_model(path, compile=with_optimizer, safe_mode=True)
    except Exception as error:
        raise DataError(f"{path}: {_explain(error, path)}") from error
    if not isinstance(network, keras.Model):
        raise DataError(f"{path}: expected a network, got a {type(network).__name__}")
    return network


def save_network(network: Path, path: Path) -> None:
    """Save a network alone, without its optimizer, as HDF5 or in Keras' own format.

    Args:
        network: file of it.
        path: of the file to be written, `.h5` or `.keras`.

    Raises:
        DataError: `network` holds no network, `path` cannot be written, or could not be loaded.
    """
    model = load_network(network)
    if path.suffix != ".keras":
        _check_layers(model, path)
    alone = keras.Model(model.inputs, model.outputs, name=model.name)
    logging.getLogger("absl").setLevel(logging.ERROR)  # Keras calls HDF5 a legacy at each use
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            alone.save(part)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error}") from error


def _check_layers(model: keras.Model, path: Path) -> None:
    """Refuse an operation that is no layer: Keras writes it into HDF5, and cannot read it there."""
    for operation in model.operations:
        if not isinstance(operation, keras.Layer):
            raise DataError(
                f"{path}: HDF5 files hold layers alone, but {model.name} has the operation "
                f"{operation.name}; choose a name that ends in .keras"
            )
        if hasattr(operation, "operations"):
            _check_layers(operation, path)


def taking_pixels(
    network: keras.Model, shape: tuple[int, ...], scale: Normalization | None, name: str
) -> keras.Model:
    """Put before a network what turns raw pixels into what it was trained on.

    Args:
        network: that was trained elsewhere.
        shape: height, width and channels of the images.
        scale: of the pixels the network expects, as in `image_input`; None is `none` for a network
            with a layer for that.
        name: of its file.

    Raises:
        ConfigurationError: the images do not fit, nobody says how they are to be scaled, or
            somebody does so though the network scales them.
    """
    check_input(network, shape, name)
    if scale not in (None, "none") and normalizes(network):
        raise ConfigurationError(f"--scale {scale}: {name} has a normalization layer of its own")
    if scale is None and not normalizes(network):
        raise ConfigurationError(
            f"{name} has no normalization layer: say what it expects of pixels 0..255: --scale "
            "unit (x / 255), inverted (255 - x, scaled to -0.5..+0.5), inverted_unit (255 - x, "
            "scaled to 0..1), or none (as they are)"
        )
    flat = len(network.input_shape) != len(shape) + 1
    if scale in (None, "none") and not flat:
        return network
    pixels, x = image_input(shape, scale or "none")
    if flat:
        x = keras.layers.Reshape(network.input_shape[1:], name="pixels_without_channel")(x)
    # `call` adds the network's layers one by one, not as a network nested in another
    return keras.Model(pixels, network.call(x), name=network.name)


def giving_probabilities(network: keras.Model, task: Task) -> keras.Model:
    """Put behind a network of a mere file the softmax or sigmoid that it lacks.

    A network for classes or labels whose last layer is linear gives logits; its loss had
    `from_logits=True`.
    """
    last = operation_of(network.outputs[0])
    linear = getattr(last, "activation", None) is keras.activations.linear
    if not linear or gives_logits(network) or task.activation == "scaled":
        return network
    activation = "sigmoid" if task.thresholded(network.output_shape[-1]) else "softmax"
    x = keras.layers.Activation(activation, name="probabilities")(network.outputs[0])
    return keras.Model(network.inputs[0], x, name=network.name)


def check_input(network: keras.Model, shape: tuple[int, ...], name: str) -> None:
    """Raise ConfigurationError where images of a shape do not fit a network's input."""
    expected = network.input_shape
    if not isinstance(expected, tuple):
        raise ConfigurationError(f"{name} has {len(expected)} inputs; figures are drawn for one")
    sides = expected[1:]
    same = len(sides) == len(shape) and all(
        side in (None, other) for side, other in zip(sides, shape, strict=True)
    )
    gray = len(shape) > 1 and shape[-1] == 1 and sides in (shape[:2], (shape[0] * shape[1],))
    if not (same or gray):
        raise ConfigurationError(
            f"{name} takes {_product(sides)}, but the images are {_product(shape)}; choose the "
            "--dataset that it was trained on"
        )


def check_output(network: keras.Model, task: Task, name: str) -> None:
    """Raise ConfigurationError where a network does not give a value for each class or output."""
    shape = network.output_shape
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] not in task.widths:  # noqa: PLR2004
        raise ConfigurationError(
            f"{name} gives {shape}, but there are {task.size}; choose the --dataset that it was "
            "trained on"
        )


def normalizes(network: keras.Model) -> bool:
    """Whether a network has a layer that scales its inputs."""
    kinds = (keras.layers.Rescaling, keras.layers.Normalization)
    return any(
        isinstance(layer, kinds) and not getattr(layer, "invert", False)  # that is of its outputs
        for layer in all_layers(network)
    )


def _product(sides: tuple[Any, ...]) -> str:
    return "x".join("?" if side is None else str(side) for side in sides)


def _explain(error: Exception, path: Path) -> str:
    message = " ".join(str(error).split())
    # Keras first quotes the configuration of every layer around the one that it stumbled over
    last = message.rpartition("Exception encountered: ")[2]
    if "Lambda" in message or "unsafe" in message:
        return "it contains code (a Lambda layer), which is not run; save the network without it"
    if "No model config" in message:
        found = "it holds weights only" if _holds_weights(path) else "there is no network in it"
        return f"{found}; expected a whole network, as model.save(...) writes it"
    if _UNKNOWN.match(last):
        what = re.split(r"\. |: \{", last)[0]
        return f"it needs code of its own, which is not run ({what}); save the network without it"
    if "file signature not found" in message or "zip file" in message:
        return "it is damaged, or no network that Keras has saved"
    return f"Keras cannot load it: {last[:_LONGEST]}{'...' * (len(last) > _LONGEST)}"


def _holds_weights(path: Path) -> bool:
    """Tell whether an HDF5 file has layers, as Keras 3 or 2 saves their weights."""
    with h5py.File(path) as file:
        return "layers" in file or "layer_names" in file.attrs
