"""Components of a user's own module, whose signatures are the schema of their options."""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from runner.base.errors import ConfigurationError
from runner.config.component import OptionsError, check_options, parse_component
from runner.config.groups import MODEL, SCHEDULE
from runner.config.run_config import CONF, Config

OWN = """
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from runner.base.option_types import Monitor

if TYPE_CHECKING:
    from nowhere import Model

Width = Annotated[int, Field(ge=1, le=8)]
Shape = Literal["ring", "disk"]


def build(input_shape: Model, outputs: int, *, width: Width = 2, shape: Shape) -> Model:
    return input_shape, outputs, width, shape


def stop(seed: int, *, quantity: Monitor | None = None) -> object:
    return quantity


class Schedule:
    def __init__(self, steps: int, epochs: int, *, shape: Shape = "ring") -> None:
        self.shape = shape
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with postponed annotations, of types of its own and of some that are not there."""
    (tmp_path / "own_parts.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "conf").mkdir()  # modules are found beside it
    monkeypatch.chdir(tmp_path)
    return "own_parts"


def test_postponed_annotations_of_own_types_are_checked(own: str) -> None:
    component = parse_component({"_target_": f"{own}.build", "shape": "disk"}, MODEL)
    assert component.options == {"width": 2, "shape": "disk"}
    assert component((4,), 3) == ((4,), 3, 2, "disk")


def test_a_class_is_a_component_too(own: str) -> None:
    component = parse_component({"_target_": f"{own}.Schedule"}, SCHEDULE)
    assert component(1, 2).shape == "ring"
    with pytest.raises(OptionsError, match="'ring' or 'disk'"):
        parse_component({"_target_": f"{own}.Schedule", "shape": "square"}, SCHEDULE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["+model.width=9", "+model.shape=ring"], "model.width=9: should be less than or equal to"),
        (["+model.shape=square"], "model.shape=square: should be 'ring' or 'disk'"),
        ([], "model.shape: a value is needed"),
        (["+model.shap=ring"], "model.shap: there is no such option"),
    ],
)
def test_a_wrong_option_of_an_own_component_is_named(
    options: list[str], message: str, own: str, configure: Callable[..., Config]
) -> None:
    target: list[Any] = ["~model", f"+model._target_={own}.build"]
    with pytest.raises(ConfigurationError) as error:
        configure(*target, *options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_callback_declares_what_it_watches(own: str, configure: Callable[..., Config]) -> None:
    target, watched = f"+callbacks.own._target_={own}.stop", "+callbacks.own.quantity=val_accuracy"
    configure(target)
    configure(target, "+callbacks.own.quantity=loss")
    configure(target, watched, "dataset.validation_fraction=0.1")
    with pytest.raises(ConfigurationError, match=r"own\.quantity=val_accuracy: there are"):
        configure(target, watched)


GROUPS = ("augmentation", "baselines", "callbacks", "dataset", "model", "optimizer", "schedule")


def components(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping with `_target_` in nested containers."""
    if isinstance(node, dict):
        if "_target_" in node:
            yield node
        for value in node.values():
            yield from components(value)


@pytest.mark.parametrize("path", sorted(p for g in GROUPS for p in (CONF / g).glob("*.yaml")))
def test_a_default_stands_in_the_yaml_or_in_the_signature(path: Path) -> None:
    for node in components(OmegaConf.to_container(OmegaConf.load(path))):
        module, _, name = node["_target_"].rpartition(".")
        parameters = inspect.signature(getattr(import_module(module), name)).parameters
        twice = [
            key
            for key, value in node.items()
            if key in parameters and parameters[key].default == value
        ]
        assert not twice


def test_an_option_without_annotation_takes_any_value() -> None:
    def own(*, digits=2):  # type: ignore[no-untyped-def]
        return digits

    assert check_options(own, {}) == {"digits": 2}
    assert check_options(own, {"digits": 3}) == {"digits": 3}
    with pytest.raises(OptionsError):
        check_options(own, {"digit": 3})
