"""The configuration of a run: what can be said, of which type, in which range."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, with_config

from runner.component import Component, component
from runner.ranges import (
    Background,
    Count,
    Fit,
    Fraction,
    Language,
    Loss,
    Natural,
    NonNegative,
    Positive,
    Seed,
)
from runner.tasks import Classification, Regression, Task

CONF = Path(__file__).resolve().parent.parent / "conf"


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
    return names


Names = Annotated[dict[str, list[str]] | None, AfterValidator(_as_many_in_each)]

_FORBID = ConfigDict(extra="forbid", arbitrary_types_allowed=True, strict=True)
FromTarget = Annotated[Component, BeforeValidator(component)]


@with_config(_FORBID)
@dataclass(frozen=True)
class OwnPictures:
    """How other pictures are made like those of a data set; see `runner.inputs.fitting`.

    Attributes:
        fit: how they are brought to its shape.
        ink: pixels of the longer side of what is drawn, for the fits that crop to it; None is all.
        background: of its grey images; None where it differs from image to image.
    """

    fit: Fit = "stretch"
    ink: Count | None = None
    background: Background | None = None


@with_config(_FORBID)
@dataclass(frozen=True)
class DatasetConfig:
    """Where a data set comes from and which part of it is used.

    Attributes:
        name: what a user types to choose it.
        title: for people.
        shape: height, width and channels of one image, or number of features of a table.
        class_names: for each language, one name per label; None where numbers are to be told.
        output_names: for each language, one name per number that is to be told, or None.
        train_images: number of training images before `train_size` and the validation split; None
            is as many as there are.
        test_images: number of test images, likewise.
        source: the function that decodes or makes it, with what it needs to know.
        own_pictures: how other pictures are made like its own.
        relabel: the labels to keep and what they become; images of others are left out.
        data_dir: a directory searched for its files before all others.
        train_size: use only the first so many training images.
        validation_fraction: of the training images, split off, stratified by class.
        validation_seed: of that split alone.
    """

    name: str
    title: str
    shape: Annotated[tuple[Count, ...], AfterValidator(_image_or_table)]
    train_images: Count | None
    test_images: Count | None
    source: FromTarget
    class_names: Names = None
    output_names: Names = None
    own_pictures: OwnPictures = field(default_factory=OwnPictures)
    relabel: dict[int, int] | None = None
    data_dir: str | None = None
    train_size: Count | None = None
    validation_fraction: Fraction = 0.0
    validation_seed: Seed = 0

    def task(self, language: str = "en") -> Task:
        """Return what is learnt, with names in the language, or the first the YAML has."""
        kind, names = (
            (Classification, self.class_names)
            if self.class_names
            else (Regression, self.output_names)
        )
        assert names
        return kind(names.get(language) or next(iter(names.values())))

    @property
    def is_table(self) -> bool:
        """Whether it has features, not images."""
        return len(self.shape) == 1

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


@with_config(_FORBID)
@dataclass(frozen=True)
class FineTuningConfig:
    """How the end of a frozen backbone is trained, once its head is.

    Attributes:
        layers: of the backbone, counted from its end; batch normalisation among them stays frozen.
        epochs: passes over the training images, after those of the head.
        learning_rate: of head and layers, constant; small, or what was learned before is lost.
    """

    layers: Count
    epochs: Count = 10
    learning_rate: Positive = 1e-5


@with_config(_FORBID)
@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes:
        epochs: passes over the training images; with 0 the network is evaluated as it is.
        batch_size: images per gradient step; the last, smaller batch of an epoch counts too.
        loss: what is minimised; `auto` is binary cross-entropy for two classes, else sparse
            categorical cross-entropy.
        label_smoothing: probability mass moved from the true class to all classes.
        device_data_gb: training images up to this size (10^9 bytes) stay on the device; larger
            ones are streamed to it.
        fine_tuning: of a frozen backbone, after its head was trained; None leaves it as it is.
    """

    epochs: Natural
    batch_size: Count
    loss: Loss = "auto"
    label_smoothing: Fraction = 0.0
    device_data_gb: NonNegative = 8.0
    fine_tuning: FineTuningConfig | None = None


@with_config(_FORBID)
@dataclass(frozen=True)
class EvaluationConfig:
    """How a trained network is measured.

    Attributes:
        test: whether the test images are looked at; if not, only validation counts.
        tta: test-time augmentation: which views of each image, beside itself, its probabilities
            are also averaged over; None is none.
        tta_versions: number of random views where `tta` is affine.
    """

    test: bool = True
    tta: Literal["shift", "flip", "affine"] | None = None
    tta_versions: Count = 16


@with_config(_FORBID)
@dataclass(frozen=True)
class FeaturesConfig:
    """What learners are given.

    Attributes:
        layer: whose output it is, by name or number; `pixels` is the input, None what the output
            layer decides on.
    """

    layer: str | int | None = None


@with_config(_FORBID)
@dataclass(frozen=True)
class TrackingConfig:
    """Where MLflow keeps the run.

    Attributes:
        uri: of the tracking store; None is SQLite under `outputs/`.
        experiment: name of the MLflow experiment.
        run_name: name of the run.
        log_model: whether the trained network is logged too.
    """

    experiment: str
    run_name: str
    uri: str | None = None
    log_model: bool = True


@with_config(_FORBID)
@dataclass(frozen=True)
class SweepConfig:
    """How the jobs of a sweep are chosen and run.

    Attributes:
        name: of the sweep; None makes one from the command, so that the same command goes on.
        resume: whether jobs that this sweep has finished before are skipped.
        max_failures: failed jobs after which no other one is started; None never stops.
        search: chooses the jobs by their results; None runs every combination of listed values.
    """

    name: Annotated[str, Field(pattern=r"^[\w.+=-]+$")] | None = None
    resume: bool = True
    max_failures: Count | None = None
    search: FromTarget | None = None


@with_config(_FORBID)
@dataclass(frozen=True)
class Config:
    """Everything that determines a run."""

    dataset: DatasetConfig
    model: FromTarget
    optimizer: FromTarget
    schedule: FromTarget
    training: TrainingConfig
    tracking: TrackingConfig
    seed: Seed
    seeds: Count | Annotated[list[Seed], Field(min_length=1)]
    device: Literal["auto", "cpu", "gpu"]
    precision: Literal["float32", "bfloat16"]
    deterministic: bool
    language: Language
    init_from: Annotated[str, Field(min_length=1)] | None = None
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    sweep: SweepConfig = field(default_factory=SweepConfig)
    augmentation: dict[str, FromTarget] = field(default_factory=dict)
    callbacks: dict[str, FromTarget] = field(default_factory=dict)
    learners: dict[str, FromTarget] = field(default_factory=dict)
    features: FeaturesConfig = field(default_factory=FeaturesConfig)
    figures: dict[str, FromTarget] = field(default_factory=dict)

    @property
    def soft_targets(self) -> bool:
        """Whether targets are more than class numbers: smoothed, or mixed with others."""
        return bool(self.training.label_smoothing) or "mixup" in self.augmentation

    @property
    def all_seeds(self) -> list[int]:
        """The seeds trained with: those listed, or so many from `seed` on."""
        if isinstance(self.seeds, list):
            return self.seeds
        return list(range(self.seed, self.seed + self.seeds))
