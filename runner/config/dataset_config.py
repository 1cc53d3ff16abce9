"""The configuration of a data set: its options, their types and ranges."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, with_config

from runner.base.option_types import (
    Background,
    Count,
    Fit,
    FolderName,
    Fraction,
    Items,
    Name,
    Seed,
)
from runner.base.tasks import Classification, MultiLabel, Regression, Task
from runner.config.component import STRICT, Component, of_group
from runner.config.groups import DATASET


def _image_or_table(shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) not in {1, 3}:
        raise ValueError(
            "should be [height, width, channels] of images, or [features] of a table, "
            f"got {len(shape)} numbers"
        )
    return shape


def _as_many_in_each(names: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
    if names is not None and len({len(of_language) for of_language in names.values()}) != 1:
        counts = ", ".join(f"{len(of)} in {language}" for language, of in names.items())
        raise ValueError(f"should name all of them in every language, got {counts or 'none'}")
    for language, of_language in (names or {}).items():
        _each_once(of_language, f" in {language}")
    return names


def _each_once(names: list[str], where: str = "") -> list[str]:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"should name each of them once, got {name} twice{where}")
    return names


Names = Annotated[dict[str, list[Name]] | None, AfterValidator(_as_many_in_each)]


@with_config(STRICT)
@dataclass(frozen=True)
class OwnPictures:
    """How other pictures are made like those of a data set; see `runner.predict.inputs`.

    Attributes:
        fit: how they are brought to its shape.
        ink: pixels of the longer side of what is drawn, for the fits that crop to it; None is all.
        background: of its gray images; None where it differs from image to image.
    """

    fit: Fit = "stretch"
    ink: Count | None = None
    background: Background | None = None


@with_config(STRICT)
@dataclass(frozen=True)
class DatasetConfig:
    """Where a data set comes from and which part of it is used.

    Attributes:
        name: what a user types to choose it.
        title: for people.
        shape: height, width and channels of one image, or number of features of a table.
        class_names: for each language, one name per class, of which each image has one, or None.
        label_names: for each language, one name per label, of which an image can have several or
            none, or None.
        output_names: for each language, one name per number to predict, or None.
        feature_names: of the columns of a table, where they have any.
        train_images: number of training images before `train_size` and the validation split; None
            is as many as there are.
        test_images: number of test images, likewise.
        source: the function that decodes or makes it, with what it needs to know.
        own_pictures: how other pictures are made like its own.
        path: of the user's own folder or file; see `runner.config.own_path`.
        relabel: the labels to keep and what they become; images of others are left out.
        data_dir: the directory its files are in; None searches for them.
        train_size: use only the first so many training images.
        validation_fraction: of the training images, split off, stratified by class.
        validation_seed: of that split alone.
    """

    name: FolderName
    title: str
    shape: Annotated[tuple[Count, ...], AfterValidator(_image_or_table)]
    train_images: Count | None
    test_images: Count | None
    source: Annotated[Component, of_group(DATASET)]
    relabel: dict[int, int] | None
    data_dir: str | None
    train_size: Count | None
    validation_fraction: Fraction
    validation_seed: Seed
    class_names: Names = None
    label_names: Names = None
    output_names: Names = None
    feature_names: Annotated[list[Name], AfterValidator(_each_once)] | None = None
    own_pictures: OwnPictures = field(default_factory=OwnPictures)
    path: str | None = None

    def task(self, language: str = "en") -> Task:
        """Return what is learned, with names in the language, or the first the YAML has."""
        ((kind, names),) = self.named_targets().items()
        return kind(names.get(language) or next(iter(names.values())))

    def named_targets(self) -> dict[type[Task], dict[str, list[str]]]:
        """Return the names of what is predicted, by its task; exactly one is right."""
        named: dict[type[Task], Names] = {
            Classification: self.class_names,
            MultiLabel: self.label_names,
            Regression: self.output_names,
        }
        return {kind: names for kind, names in named.items() if names}

    @property
    def is_table(self) -> bool:
        """Whether it has features, not images."""
        return len(self.shape) == 1

    @property
    def items(self) -> Items:
        """What its examples are called."""
        return "rows" if self.is_table else "images"

    @property
    def fitted_images(self) -> int | None:
        """Number of images training fits on; None before those of a folder are counted."""
        return None if self.used_images is None else self.used_images - self.validation_images

    @property
    def used_images(self) -> int | None:
        """Number of training images after `train_size`; None before they are counted."""
        return self.train_size or self.train_images

    @property
    def validation_images(self) -> int:
        """Number of images split off for validation; 0 before those of a folder are counted."""
        return round((self.used_images or 0) * self.validation_fraction)

    @property
    def has_validation(self) -> bool:
        """Whether there are validation images."""
        return bool(self.validation_fraction or self.source().has_validation)
