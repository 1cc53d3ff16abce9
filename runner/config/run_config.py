"""The configuration of a run: its options, their types and ranges."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, with_config

from runner.base.option_types import (
    Count,
    FigureFormat,
    FolderName,
    Language,
    Role,
    Seed,
)
from runner.base.program_files import CONF as CONF  # noqa: PLC0414 - others take it from here
from runner.config.component import STRICT, Component, as_plain, of_group
from runner.config.dataset_config import DatasetConfig
from runner.config.entries import Baseline, Tracking
from runner.config.groups import (
    AUGMENTATION,
    CALLBACKS,
    FIGURES,
    MODEL,
    OPTIMIZER,
    SCHEDULE,
    SWEEP,
)
from runner.config.training_config import TrainingConfig

DEFAULT_THRESHOLD = 0.5


@with_config(STRICT)
@dataclass(frozen=True)
class EvaluationConfig:
    """How a trained network is measured.

    Attributes:
        test: whether the test images are looked at; if not, only validation counts.
        tta: test-time augmentation: which views of each image, beside itself, its probabilities
            are also averaged over; None is none.
        tta_versions: number of random views where `tta` is affine.
        fitted: whether error and loss of the images that were trained on are measured, too, once
            training is over.
        threshold: probability above which an image is given a label, where it can have several.
    """

    test: bool
    tta: Literal["shift", "flip", "affine"] | None
    tta_versions: Count
    fitted: bool
    threshold: Annotated[float, Field(gt=0, lt=1)] = DEFAULT_THRESHOLD


@with_config(STRICT)
@dataclass(frozen=True)
class FeaturesConfig:
    """What baselines are given.

    Attributes:
        layer: whose output it is, by name or number; `pixels` is the input, None what the output
            layer decides on.
    """

    layer: str | int | None


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

    name: Annotated[FolderName, Field(pattern=r"^[\w.+=-]+$")] | None = None
    resume: bool = True
    max_failures: Count | None = None
    search: Annotated[Component, of_group(SWEEP)] | None = None


def _seeds(seeds: int | list[int]) -> int | list[int]:
    count = seeds if isinstance(seeds, int) else len(seeds)
    if not 1 <= count <= _MOST_SEEDS:
        raise ValueError(
            f"should be a number of seeds or a list of them, from 1 to {_MOST_SEEDS:,} in a run"
        )
    return seeds


_MOST_SEEDS = 10_000


@with_config(STRICT)
@dataclass(frozen=True)
class Config:
    """Everything that determines a run, in the order in which it is shown."""

    dataset: DatasetConfig
    model: Annotated[Component, of_group(MODEL)]
    optimizer: Annotated[Component, of_group(OPTIMIZER)]
    schedule: Annotated[Component, of_group(SCHEDULE)]
    augmentation: dict[str, Annotated[Component, of_group(AUGMENTATION)]]
    callbacks: dict[str, Annotated[Component, of_group(CALLBACKS)]]
    baselines: dict[str, Baseline]
    figures: dict[str, Annotated[Component, of_group(FIGURES)]]
    training: TrainingConfig
    evaluation: EvaluationConfig
    features: FeaturesConfig
    init_from: Annotated[str, Field(min_length=1)] | None
    resume: Annotated[str, Field(min_length=1)] | None
    seed: Seed
    seeds: Annotated[int | list[Seed], AfterValidator(_seeds)]
    seeds_together: Count | Literal["auto"]
    device: Literal["auto", "cpu", "gpu"]
    precision: Literal["float32", "bfloat16"]
    deterministic: bool
    language: Language
    tracking: Tracking
    sweep: SweepConfig
    figure_format: FigureFormat = "png"

    def as_plain(self) -> dict[str, Any]:
        """Return the configuration in plain containers, as it was composed, defaults included."""
        return {field.name: as_plain(getattr(self, field.name)) for field in fields(self)}

    @property
    def logits(self) -> bool:
        """Whether the network gives logits, which the loss turns into probabilities."""
        return bool(self.model.options.get("output_activation") == "logits")

    @property
    def soft_targets(self) -> bool:
        """Whether targets are more than class numbers: smoothed, mixed, or those of teachers."""
        settings = self.training
        return bool(settings.label_smoothing or settings.distillation.teacher or self.mixing)

    @property
    def mixing(self) -> list[str]:
        """Keys of the augmentations that mix targets; see `runner.training.augmentation`."""
        return [key for key, change in self.augmentation.items() if change().mixes_targets]

    @property
    def monitors(self) -> dict[str, str]:
        """What schedule and callbacks watch, by the keys of their options."""
        components = {"schedule": self.schedule}
        components |= {f"callbacks.{name}": callback for name, callback in self.callbacks.items()}
        return {
            f"{key}.{option}": str(monitor)
            for key, component in components.items()
            for option, monitor in component.options_in(Role.MONITOR).items()
        }

    @property
    def all_seeds(self) -> list[int]:
        """The seeds trained with: those listed, or so many from `seed` on."""
        if isinstance(self.seeds, list):
            return self.seeds
        return list(range(self.seed, self.seed + self.seeds))
