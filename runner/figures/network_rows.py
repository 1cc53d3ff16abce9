"""The layers of a network as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from runner.base.compat import inputs_of, operation_of
from runner.base.lazy import keras
from runner.base.option_types import Language
from runner.figures.translations import Texts, translator
from runner.models.graph import tensors

TEXTS: Texts = {"{layers} layers inside": "{layers} camadas dentro"}


@dataclass(frozen=True)
class LayerRow:
    """One layer of the diagram.

    Attributes:
        name: its own.
        text: its description.
        kind: its class.
        shape: of its output, without the batch.
        parameters: trained or not.
        inputs: numbers of the rows it takes.
    """

    name: str
    text: str
    kind: str
    shape: str
    parameters: int
    inputs: list[int]


def layer_rows(model: keras.Model, language: Language = "en") -> list[LayerRow]:
    """Return the layers and operations of a network, each after those it takes."""
    values = tensors(model)
    depths: dict[str, int] = {}
    # Found from the output backwards, so most come before what they take.
    for name in reversed(values):
        _measure(name, values, depths)
    ordered = sorted(values, key=depths.__getitem__)
    position = {name: number for number, name in enumerate(ordered)}
    return [
        LayerRow(
            name=name,
            text=describe_layer(operation_of(values[name]), language),
            kind=type(operation_of(values[name])).__name__,
            shape=" x ".join("?" if s is None else str(s) for s in values[name].shape[1:]),
            parameters=_parameters(operation_of(values[name])),
            inputs=sorted({position[_name(source)] for source in inputs_of(values[name])}),
        )
        for name in ordered
    ]


def describe_layer(layer: Any, language: Language = "en") -> str:
    """Describe a layer in a few words."""
    kind = type(layer).__name__
    if isinstance(layer, keras.Model):
        translate = translator(language, TEXTS)
        return f"{kind}: {translate('{layers} layers inside', layers=len(layer.layers))}"
    config = layer.get_config() if isinstance(layer, keras.Layer) else {}
    size = config.get("kernel_size") or config.get("pool_size")
    parts = [str(config[key]) for key in ("filters", "units", "rate") if key in config]
    parts += ["x".join(map(str, size))] if size else []
    if tuple(config.get("strides") or (1,)) not in {(1,), (1, 1), tuple(size or ())}:
        parts.append(f"/ {config['strides'][0]}")
    words = [str(config[key]) for key in ("padding", "activation") if key in config]
    words = [word for word in words if word not in {"valid", "linear"}]
    return ", ".join([" ".join([kind, *parts]), *words])


def _measure(name: str, values: dict[str, Any], depths: dict[str, int]) -> None:
    """Find the longest way from the input to a value and to all it is computed from."""
    waiting = [name]
    while waiting:
        before = [_name(source) for source in inputs_of(values[waiting[-1]])]
        unknown = [source for source in before if source not in depths]
        if unknown:
            waiting += unknown
        else:
            depths[waiting.pop()] = 1 + max((depths[source] for source in before), default=0)


def _name(value: Any) -> str:
    return str(operation_of(value).name)


def _parameters(layer: Any) -> int:
    return sum(prod(weight.shape) for weight in getattr(layer, "weights", []))
