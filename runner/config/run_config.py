"""The configuration of a run: what can be said, of which type, in which range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, with_config

from runner.base.option_types import (
    Count,
    Fraction,
    Language,
    Loss,
    Natural,
    NonNegative,
    Positive,
    Seed,
)
from runner.base.program_files import CONF as CONF  # noqa: PLC0414 - others take it from here
from runner.config.component import (
    STRICT,
    Component,
    FromTarget,
    check_options,
    parse_component,
)
from runner.config.dataset_config import DatasetConfig


@with_config(STRICT)
@dataclass(frozen=True)
class FineTuningConfig:
    """How the end of a frozen backbone is trained, once its head is.

    Attributes:
        layers: of the backbone, counted from its end; batch normalization among them stays frozen.
        epochs: passes over the training images, after those of the head.
        learning_rate: of head and layers, constant; small, or what was learned before is lost.
    """

    layers: Count
    epochs: Count = 10
    learning_rate: Positive = 1e-5


@with_config(STRICT)
@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes:
        epochs: passes over the training images; with 0 the network is evaluated as it is.
        batch_size: images per gradient step; the last, smaller batch of an epoch counts too.
        loss: what is minimized; `auto` is binary cross-entropy for two classes, else sparse
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


@with_config(STRICT)
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


VERSIONS_WITH_SHIFTS = 5
"""Versions of an image: itself and its shifts by one pixel N, S, E and W."""


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class BaselineConfig:
    """A classical baseline, and the training images it is fitted on.

    Attributes:
        estimator: from a seed to a classifier of scikit-learn, or one like it, that is not fitted
            yet; its options stand beside the other two values.
        train_size: training images at most, drawn with the proportions of the classes; None is all.
        shifts: whether each of these is also given moved by one pixel N, S, E and W.
    """

    estimator: Component
    train_size: Count | None = None
    shifts: bool = False

    @property
    def versions(self) -> int:
        """Number of versions of each image it is fitted on."""
        return VERSIONS_WITH_SHIFTS if self.shifts else 1


_FITTED_ON = ("train_size", "shifts")


def _parse_baseline(entry: Any) -> BaselineConfig:
    of_estimator = dict(entry) if isinstance(entry, dict) else {}
    fitted_on = {key: of_estimator.pop(key) for key in _FITTED_ON if key in of_estimator}
    options = {"estimator": parse_component(of_estimator), **fitted_on}
    return BaselineConfig(**check_options(BaselineConfig, options))


Baseline = Annotated[BaselineConfig, BeforeValidator(_parse_baseline)]


@with_config(STRICT)
@dataclass(frozen=True)
class FeaturesConfig:
    """What baselines are given.

    Attributes:
        layer: whose output it is, by name or number; `pixels` is the input, None what the output
            layer decides on.
    """

    layer: str | int | None = None


@with_config(STRICT)
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


@with_config(STRICT)
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


@with_config(STRICT)
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
    baselines: dict[str, Baseline] = field(default_factory=dict)
    features: FeaturesConfig = field(default_factory=FeaturesConfig)
    figures: dict[str, FromTarget] = field(default_factory=dict)

    @property
    def soft_targets(self) -> bool:
        """Whether targets are more than class numbers: smoothed, or mixed with others."""
        return bool(self.training.label_smoothing or self.mixing)

    @property
    def mixing(self) -> list[str]:
        """Keys of the augmentations that mix targets; see `runner.training.augmentation`."""
        return [key for key, change in self.augmentation.items() if change().mixes_targets]

    @property
    def all_seeds(self) -> list[int]:
        """The seeds trained with: those listed, or so many from `seed` on."""
        if isinstance(self.seeds, list):
            return self.seeds
        return list(range(self.seed, self.seed + self.seeds))
