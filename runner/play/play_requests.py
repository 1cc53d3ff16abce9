"""What the page asks for, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, with_config

from runner.base.option_types import Language, Natural
from runner.config.component import STRICT
from runner.play.play_errors import PlayError

Asked = TypeVar("Asked")
Text = Annotated[str, StringConstraints(max_length=300)]
Name = Annotated[str, StringConstraints(max_length=100, pattern=r"^[\w-]+$")]
Picture = Annotated[str, StringConstraints(max_length=8_000_000)]
Method = Literal["grad-cam", "saliency", "smooth-grad", "integrated-gradients", "occlusion"]
Silenced = Annotated[dict[Text, Annotated[list[Natural], Field(max_length=4096)]], Field()]


@with_config(STRICT)
@dataclass(frozen=True)
class Distortion:
    """How an image is changed before the network sees it.

    Attributes:
        right: of its width, that it is shifted by; negative is to the left.
        down: of its height, likewise.
        turn: degrees, clockwise.
        scale: factor of its size.
        noise: standard deviation of normal noise, of the whole range of a pixel.
    """

    right: Annotated[float, Field(ge=-1, le=1)] = 0.0
    down: Annotated[float, Field(ge=-1, le=1)] = 0.0
    turn: Annotated[float, Field(ge=-360, le=360)] = 0.0
    scale: Annotated[float, Field(ge=0.1, le=5)] = 1.0
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0


@with_config(STRICT)
@dataclass(frozen=True)
class NetworkRequest:
    """A question about a network.

    Attributes:
        run: key of its run; see `runner.play.playable_runs`.
        silenced: units of layers that are switched off.
        language: of the names.
    """

    run: Text
    silenced: Silenced = field(default_factory=dict)
    language: Language = "en"


@with_config(STRICT)
@dataclass(frozen=True)
class LayerRequest(NetworkRequest):
    """A question about a layer, or one unit of it."""

    layer: Text = ""
    unit: Natural = 0


@with_config(STRICT)
@dataclass(frozen=True)
class LookRequest(NetworkRequest):
    """A picture for a network.

    Attributes:
        picture: a file in base64, of any usual kind.
        distortion: of what was made of it.
        layer: of which all maps are wanted; of the others the first ones come.
        label: of the class that is explained; None is the most probable one.
        method: of the explanation.
    """

    picture: Picture = ""
    distortion: Distortion = field(default_factory=Distortion)
    layer: Text = ""
    label: Natural | None = None
    method: Method = "grad-cam"


@with_config(STRICT)
@dataclass(frozen=True)
class RegionRequest(NetworkRequest):
    """A question about the plane of two features.

    Attributes:
        epoch: after which; None is the last one.
    """

    epoch: Natural | None = None


@with_config(STRICT)
@dataclass(frozen=True)
class TrainingRequest:
    """A training to be started.

    Attributes:
        dataset: its name.
        model: its name.
        optimizer: its name.
        epochs: passes over the training data.
        learning_rate: of the optimizer.
        batch_size: images or rows in a step.
        train_size: use only the first so many of them; None is all.
        validation_fraction: of them, kept for validation.
        hidden_layers: of a dense network, with `hidden_units` each; None leaves them as they are.
        hidden_units: of each of them.
        activation: of hidden layers; None leaves it as it is.
        language: of its figures.
    """

    dataset: Name
    model: Name
    optimizer: Name
    epochs: Annotated[int, Field(ge=1, le=1000)]
    learning_rate: Annotated[float, Field(gt=0, le=10)]
    batch_size: Annotated[int, Field(ge=1, le=10_000)]
    train_size: Annotated[int, Field(ge=1)] | None = None
    validation_fraction: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    hidden_layers: Annotated[int, Field(ge=1, le=5)] | None = None
    hidden_units: Annotated[int, Field(ge=1, le=1000)] = 8
    activation: Literal["relu", "tanh", "sigmoid"] | None = None
    language: Language = "en"


@with_config(STRICT)
@dataclass(frozen=True)
class StartedTraining:
    """A question about a training that was started from the page."""

    training: Text
    language: Language = "en"


def parse_request(kind: type[Asked], content: bytes) -> Asked:
    """Check what was asked.

    Raises:
        PlayError: it is not what the page asks.
    """
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        raise PlayError("bad-request", _explain(error.errors()[0])) from error


def _explain(first: Any) -> str:
    return f"{'.'.join(map(str, first['loc'])) or 'the request'}: {first['msg']}"
