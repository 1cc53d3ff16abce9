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
