"""The stages of a training: of a whole network, or of a head and then its backbone too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from runner.base.compat import initial_values_on_cpu
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.tasks import Task
from runner.config.component import Component
from runner.config.run_config import Config
from runner.config.training_config import FineTuningConfig
from runner.datasets.splits import TrainSplit
from runner.models import frozen
from runner.training import schedules
from runner.training.augmentation import Augmentation
from runner.training.feature_cache import FeatureCache
from runner.training.seed_group import obstacle
from runner.training.stage import Stage
from runner.training.warm_start import Start


@dataclass(frozen=True)
class Inputs:
    """What is trained, and on what.

    Attributes:
        model: the whole network.
        parts: its frozen part and its head, if they are told apart.
        splits: images to fit on, and perhaps those to watch.
        features: that stand for the images where the frozen part does not change.
        change: of the batches that are fitted on.
    """

    model: keras.Model
    parts: frozen.Parts | None
    splits: list[TrainSplit]
    features: FeatureCache | None
    change: Augmentation


@initial_values_on_cpu()
def build_stages(config: Config, inputs: Inputs, task: Task, xla: bool, seeds: int) -> list[Stage]:
    """Build the stages, each compiled with an optimizer of its own.

    Args:
        config: of the run; the loss is resolved.
        inputs: network and images.
        task: what is learned.
        xla: whether XLA compiles the steps.
        seeds: that are trained at once.

    Raises:
        ConfigurationError: the network cannot be disturbed as configured.
    """
    model, parts = inputs.model, inputs.parts
    # on a GPU also for one seed: 0.077 s an epoch of cnn1 for 0.087, by fewer kernels
    disturbed = config.training.virtual_adversarial is not None
    why = obstacle(config, model) if xla or disturbed else ""
    if why and disturbed:
        raise ConfigurationError(f"training.virtual_adversarial: {why}; choose null")
    stacked = seeds > 1 or disturbed or (xla and not why)
    stage = partial(
        Stage,
        model=model,
        change=inputs.change,
        task=task,
        xla=xla,
        seeds=seeds,
        stacked=stacked,
    )
    first = inputs.features.blank if inputs.features else inputs.splits
    tuning = config.training.fine_tuning
    if tuning is None:
        return [stage(config, network=parts.head if parts else model, splits=first)]
    thaw = partial(frozen.thaw, frozen.backbone(model))
    head = parts.head if parts else keras.Model(model.inputs[0], model.outputs[0])
    return [
        stage(config, network=head, splits=first, thaw=partial(thaw, 0)),
        stage(
            _of_fine_tuning(config, tuning),
            network=keras.Model(model.inputs[0], model.outputs[0]),
            splits=inputs.splits,
            thaw=partial(thaw, tuning.layers),
            rate="training.fine_tuning.learning_rate",
        ),
    ]


def taken(start: Start, stages: Sequence[Stage]) -> str:
    """Say what is taken over: weights, and the optimizer's state in those stages that can."""
    taking = {
        name: stage
        for name, stage in zip(("the head", "fine-tuning"), stages, strict=False)
        if stage.epochs or len(stages) == 1
    }
    lacking = {name: start.lacking(one.network.optimizer) for name, one in taking.items()}
    if all(lacking.values()):
        return f"weights alone, since {next(iter(lacking.values()))}"
    without = [f"; not for {name}, since {why}" for name, why in lacking.items() if why]
    return f"weights and optimizer, after {start.steps:,} steps{''.join(without)}"


def _of_fine_tuning(config: Config, tuning: FineTuningConfig) -> Config:
    """Return the configuration of a run that does nothing else."""
    return replace(
        config,
        schedule=Component(schedules.fixed, {"learning_rate": tuning.learning_rate}),
        training=replace(config.training, epochs=tuning.epochs),
    )
