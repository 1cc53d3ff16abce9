"""Entries of the configuration that have options beside those of their component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator

from runner.base.option_types import Count, FolderName
from runner.base.store_address import check_address
from runner.config.component import Component, as_plain, check_options, parse_component
from runner.config.groups import BASELINES, TRACKING, Group

VERSIONS_WITH_SHIFTS = 5
"""Versions of an image: itself and its shifts by one pixel N, S, E and W."""


class Entry:
    """A dataclass with one component, whose options stand beside the other values in YAML.

    Attributes:
        component: name of the field that is the component.
        group: of the component.
    """

    component: ClassVar[str]
    group: ClassVar[Group]

    @classmethod
    def own_options(cls) -> set[str]:
        """Return the names of the values that are none of the component's."""
        return {field.name for field in fields(cls)} - {cls.component}  # type: ignore[arg-type]

    @classmethod
    def parse(cls, plain: Any) -> Self:
        """Take the options of the component out of what is written beside the other values.

        Raises:
            ValueError: it is no mapping.
            OptionsError: a value is unknown, missing, or out of range.
        """
        if not isinstance(plain, Mapping):
            raise ValueError("should be the name of a file in conf/, with _target_ in it")
        own = cls.own_options()
        options = {key: value for key, value in plain.items() if key in own}
        beside = {key: value for key, value in plain.items() if key not in own}
        options[cls.component] = parse_component(beside, cls.group)
        return cls(**check_options(cls, options))

    def as_plain(self) -> dict[str, Any]:
        """Return what `parse` takes."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        component: Component = own.pop(self.component)
        return component.as_plain() | {key: as_plain(value) for key, value in own.items()}


@dataclass(frozen=True, kw_only=True)
class BaselineConfig(Entry):
    """A classical baseline, and the training images it is fitted on.

    Attributes:
        estimator: from a seed to a classifier of scikit-learn, or one like it, that is not fitted
            yet.
        train_size: training images at most, drawn with the proportions of the classes; None is all.
        shifts: whether each of these is also given moved by one pixel N, S, E and W.
    """

    component: ClassVar[str] = "estimator"
    group: ClassVar[Group] = BASELINES
    estimator: Component
    train_size: Count | None = None
    shifts: bool = False

    @property
    def versions(self) -> int:
        """Number of versions of each image it is fitted on."""
        return VERSIONS_WITH_SHIFTS if self.shifts else 1


@dataclass(frozen=True, kw_only=True)
class TrackingConfig(Entry):
    """Where a run is stored, beside its own folder.

    Attributes:
        experiment: that it is compared in with others.
        run_name: of the run, and the end of the name of its folder.
        choices: name of the chosen file of each group, such as model: lenet.
        uri: of the store; None is in `outputs/`.
        store: opens the store, given experiment, outputs folder and uri; one of `conf/tracking`.
    """

    component: ClassVar[str] = "store"
    group: ClassVar[Group] = TRACKING
    experiment: FolderName
    run_name: FolderName
    choices: dict[str, str | None]
    uri: Annotated[str | None, AfterValidator(check_address)]
    store: Component

    def open(self, outputs: Path) -> Any:
        """Open the store; see `runner.tracking.run_store.RunStore`."""
        return self.store(self.experiment, outputs, self.uri)


Baseline = Annotated[BaselineConfig, BeforeValidator(BaselineConfig.parse)]
Tracking = Annotated[TrackingConfig, BeforeValidator(TrackingConfig.parse)]
