"""What a network makes of one image, as the page shows it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from runner.base.array_types import Images, Targets
from runner.base.option_types import Language
from runner.base.tasks import Classification, MultiLabel, Task
from runner.config.dataset_titles import title_in_language
from runner.evaluation import attribution
from runner.figures.grad_cam import grad_cam, last_convolution
from runner.figures.network_rows import describe_layer
from runner.models.layer_outputs import map_layers
from runner.play.packed_arrays import Packed, pack_symmetric, pack_values
from runner.play.play_errors import PlayError
from runner.play.play_requests import Method
from runner.play.played_network import PlayedNetwork, Values, can_be_silenced

FEW, MANY = 16, 256
"""Units of a layer that are shown beside others, and where it is the one to be looked at."""

_LARGEST_MAP, _CHANNELS = 64, 8
_FULL = 0.995
"""Share of the pixels that are no stronger than full color; the few beyond would pale the rest."""

_MAPS, _KERNEL = 4, 4
"""Axes of the feature maps of a layer, and of the weights of a convolution."""


def describe_network(network: PlayedNetwork, language: Language) -> dict[str, Any]:
    """Return what the page needs to know of a network before anything is drawn."""
    config, layers = network.dataset, network.model.layers
    return {
        "title": title_in_language(config.title, language),
        "names": config.task(language).names,
        "kind": type(config.task()).__name__.lower(),
        "shape": list(config.shape),
        "threshold": network.trained.threshold,
        "parameters": network.model.count_params(),
        "background": config.own_pictures.background or "light",
        "layers": [
            {
                "name": layer.name,
                "text": describe_layer(layer, language),
                "silenced": can_be_silenced(layer) and layer is not layers[-1],
                "units": int(layer.output.shape[-1] or 0),
            }
            for layer in layers[1:]
        ],
        "maps": bool(map_layers(network.model)),
    }


def describe_targets(task: Task, targets: Targets) -> list[str]:
    """Return the class of each image, its labels, or its numbers, in words.

    Args:
        task: that has their names.
        targets: of the images; see `runner.base.tasks`.
    """
    if isinstance(task, Classification):
        return [task.names[int(label)] for label in targets]
    if isinstance(task, MultiLabel):
        return [", ".join(task.names[label] for label in np.flatnonzero(row)) for row in targets]
    pairs = (zip(task.names, row, strict=True) for row in targets)
    return [", ".join(f"{name} {value:.4g}" for name, value in each) for each in pairs]


def layer_maps(network: PlayedNetwork, values: dict[str, Values], chosen: str) -> dict[str, Packed]:
    """Return the maps of each layer for one image, packed, [units, height, width] or [units, 1, 1].

    Args:
        network: that gave them.
        values: of all layers, [1, ...].
        chosen: name of the layer of which more units are shown.
    """
    shown = [layer.name for layer in network.model.layers[1:] if layer.name in values]
    return {
        name: _packed_maps(values[name][0], MANY if name == chosen else FEW)
        for name in shown
        if values[name].ndim in (2, _MAPS)
    }


def _packed_maps(values: Values, most: int) -> Packed:
    single = values.ndim == 1
    maps = np.moveaxis(values[np.newaxis, np.newaxis] if single else values, -1, 0)
    units = len(maps)
    most = max(most, MANY // 4) if single else most
    step = max(1, -(-max(maps.shape[1:]) // _LARGEST_MAP))
    shown = maps[:most, ::step, ::step]
    low = min(0.0, float(shown.min(initial=0)))
    return pack_values(shown, low, float(shown.max(initial=0)) or 1.0) | {"units": units}


def class_heat(
    network: PlayedNetwork, image: Images, label: int, method: Method
) -> tuple[Values, float, float]:
    """Return which pixels speak for a class, float32 [height, width], and what is 0 and full.

    Of a method with signs, what speaks against the class is below 0.

    Raises:
        PlayError: Grad-CAM is asked for, and the network has no feature maps.
    """
    model, images, labels = network.model, image[np.newaxis], np.array([label])
    match method:
        case "saliency":
            heat = attribution.saliency(model, images, labels)[0]
        case "smooth-grad":
            heat = attribution.smooth_grad(model, images, labels)[0]
        case "integrated-gradients":
            heat = attribution.integrated_gradients(model, images, labels)[0]
        case "occlusion":
            heat = attribution.occlusion(model, images, labels)[0]
        case "grad-cam":
            found = map_layers(model)
            if not found:
                raise PlayError("no-maps", "this network has no feature maps")
            heat = grad_cam(model, last_convolution(found), images, labels)[0]
    reach = float(np.quantile(np.abs(heat), _FULL)) or float(np.abs(heat).max()) or 1.0
    return heat, -reach if heat.min() < 0 else 0.0, reach


def filters(network: PlayedNetwork, name: str) -> Packed:
    """Return the weights of each unit of a layer, packed, [units, channels, height, width].

    Those of a dense layer on the pixels have the shape of the image.

    Raises:
        PlayError: there is no such layer, or its weights are no pictures.
    """
    layer = next((each for each in network.model.layers if each.name == name), None)
    if layer is None or not can_be_silenced(layer):
        raise PlayError("no-filters", f"{name}: no layer with filters")
    kernel = np.asarray(layer.get_weights()[0], np.float32)
    shape = network.dataset.shape
    if kernel.ndim == _KERNEL:
        tiles = kernel.transpose(3, 2, 0, 1)
    elif kernel.shape[0] == prod(shape) and len(shape) > 1:
        tiles = kernel.T.reshape(-1, *shape).transpose(0, 3, 1, 2)
    else:
        raise PlayError("no-filters", f"{name}: its weights are no pictures")
    return pack_symmetric(tiles[:MANY, :_CHANNELS]) | {"channels": tiles.shape[1]}
