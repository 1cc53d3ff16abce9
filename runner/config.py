"""The configuration of a run: what can be said, of which type, in which range."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, with_config

from runner.component import Component, component
from runner.errors import ConfigurationError
from runner.ranges import Count, Fraction, Loss, NonNegative, Seed

CONF = Path(__file__).resolve().parent.parent / "conf"
OUTPUTS = CONF.parent / "outputs"


def _image_or_table(shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) not in {1, 3}:
        raise ValueError(
            "should be [height, width, channels] of images, or [features] of a table, "
            f"got {len(shape)} numbers"
        )
    return shape


_FORBID = ConfigDict(extra="forbid", arbitrary_types_allowed=True, strict=True)
FromTarget = Annotated[Component, BeforeValidator(component)]


@with_config(_FORBID)
@dataclass(frozen=True)
class DatasetConfig:
    """Where a data set comes from and which part of it is used.

    Attributes:
        name: the directory its files are kept in.
        title: for people.
        shape: height, width and channels of one image, or number of features of a table.
        class_names: for each language, one name per label.
        train_images: number of training images before `train_size` and the validation split; None
            is as many as there are.
        test_images: number of test images, likewise.
        source: the function that decodes or makes it, with what it needs to know.
        relabel: the labels to keep and what they become; images of others are left out.
        data_dir: a directory searched for its files before all others.
        train_size: use only the first so many training images.
        validation_fraction: of the training images, split off, stratified by class.
        validation_seed: of that split alone.
    """

    name: str
    title: str
    shape: Annotated[tuple[Count, ...], AfterValidator(_image_or_table)]
    class_names: dict[str, list[str]]
    train_images: Count | None
    test_images: Count | None
    source: FromTarget
    relabel: dict[int, int] | None = None
    data_dir: str | None = None
    train_size: Count | None = None
    validation_fraction: Fraction = 0.0
    validation_seed: Seed = 0

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(next(iter(self.class_names.values())))

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
class TrainingConfig:
    """How a network is trained.

    Attributes:
        epochs: passes over the training images.
        batch_size: images per gradient step; the last, smaller batch of an epoch counts too.
        loss: what is minimised; `auto` is binary cross-entropy for two classes, else sparse
            categorical cross-entropy.
        label_smoothing: probability mass moved from the true class to all classes.
        device_data_gb: training images up to this size (10^9 bytes) stay on the device; larger
            ones are streamed to it.
    """

    epochs: Count
    batch_size: Count
    loss: Loss = "auto"
    label_smoothing: Fraction = 0.0
    device_data_gb: NonNegative = 8.0


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
    language: Literal["en", "pt"]
    evaluate_test: bool = True
    sweep: SweepConfig = field(default_factory=SweepConfig)
    augmentation: dict[str, FromTarget] = field(default_factory=dict)
    callbacks: dict[str, FromTarget] = field(default_factory=dict)
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


_CONFIG = TypeAdapter(Config)
_DATASET = TypeAdapter(DatasetConfig)


def parse(node: dict[str, Any]) -> Config:
    """Check a composed configuration, as plain containers, and give it types.

    Raises:
        pydantic.ValidationError: a key is unknown or missing, a value of the wrong type or range.
        ConfigurationError: two values exclude each other.
    """
    config = _CONFIG.validate_json(json.dumps(node))
    check_dataset(config.dataset)
    _check_seeds(config.all_seeds)
    _check_evaluation(config)
    _check_training(config)
    _check_targets(config)
    _check_table(config)
    return config


def parse_dataset(node: dict[str, Any]) -> DatasetConfig:
    """Check and type one data set's configuration; see `parse`."""
    config = _DATASET.validate_json(json.dumps(node))
    check_dataset(config)
    return config


def check_dataset(config: DatasetConfig) -> None:
    """Raise ConfigurationError where the parts asked for are not in the data set."""
    if config.validation_fraction and config.source().has_validation:
        raise ConfigurationError(
            f"dataset.validation_fraction={config.validation_fraction}: {config.name} has "
            "validation images of its own; choose 0"
        )
    if config.used_images is None or config.train_images is None:
        return  # a folder's are counted when it is read, and then this is checked again
    if config.used_images > config.train_images:
        raise ConfigurationError(
            f"dataset.train_size={config.train_size}: {config.name} has only "
            f"{config.train_images} training images"
        )
    if config.validation_fraction and config.validation_images < config.classes:
        raise ConfigurationError(
            f"dataset.validation_fraction={config.validation_fraction}: of {config.used_images} "
            f"images that is {config.validation_images}, fewer than the {config.classes} classes; "
            "choose a larger fraction, or 0 for no validation"
        )


def _check_seeds(seeds: list[int]) -> None:
    repeated = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    if repeated:
        raise ConfigurationError(f"seeds={seeds}: {repeated[0]} is there more than once")


def _check_evaluation(config: Config) -> None:
    if not config.evaluate_test and not config.dataset.has_validation:
        raise ConfigurationError(
            "evaluate_test=false leaves nothing to evaluate; set dataset.validation_fraction, for "
            "example to 0.1"
        )


def _check_targets(config: Config) -> None:
    smoothing, loss = config.training.label_smoothing, config.training.loss
    if smoothing and loss in ("sparse_categorical_crossentropy", "mean_squared_error"):
        raise ConfigurationError(
            f"training.label_smoothing={smoothing} has no effect on training.loss={loss}; choose "
            "training.loss=auto or categorical_crossentropy, or training.label_smoothing=0"
        )
    if config.soft_targets and loss == "sparse_categorical_crossentropy":
        raise ConfigurationError(
            f"augmentation=mixup mixes labels, which training.loss={loss} cannot take; choose "
            "training.loss=auto or categorical_crossentropy"
        )


def _check_table(config: Config) -> None:
    moving = [name for name in config.augmentation if name != "mixup"]
    if config.dataset.is_table and moving:
        raise ConfigurationError(
            f"augmentation={moving[0]} changes images, but {config.dataset.name} is a table; "
            "choose augmentation=none"
        )


def _check_training(config: Config) -> None:
    batch_size, fitted = config.training.batch_size, config.dataset.fitted_images
    if fitted is not None and batch_size > fitted:
        raise ConfigurationError(
            f"training.batch_size={batch_size}: there are only {fitted} images to train on; "
            f"choose {fitted} or less"
        )
    if config.training.loss == "binary_crossentropy" and config.dataset.classes != 2:  # noqa: PLR2004
        raise ConfigurationError(
            f"training.loss=binary_crossentropy needs 2 classes, {config.dataset.name} has "
            f"{config.dataset.classes}; choose sparse_categorical_crossentropy"
        )
    watched = [c.options.get("monitor", "") for c in [config.schedule, *config.callbacks.values()]]
    if not config.dataset.has_validation and any(w.startswith("val_") for w in watched):
        raise ConfigurationError(
            "a callback or schedule watches validation images, but there are none; set "
            "dataset.validation_fraction, for example to 0.1, or watch loss or accuracy"
        )
