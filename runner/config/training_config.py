"""How a network is trained: options, types and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, with_config

from runner.base.option_types import Count, Fraction, Loss, Natural, NonNegative, Positive
from runner.config.component import STRICT


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
class VirtualAdversarialConfig:
    """How far outputs may change where an image does; see `training/virtual_adversarial.py`.

    Attributes:
        epsilon: length of the disturbance of an image, the range of a pixel being 1.
        weight: of the divergence beside the loss.
    """

    epsilon: Positive
    weight: Positive = 1.0


@with_config(STRICT)
@dataclass(frozen=True)
class DistillationConfig:
    """What else a network learns than the targets; see `training/distillation.py`.

    Attributes:
        teacher: the run whose networks it learns from, as `init_from` finds one; what several
            networks of a run give is averaged; None is none.
        weight: of what they give, in the mean of it and the target; 0 is the target alone.
    """

    teacher: Annotated[str, Field(min_length=1)] | None = None
    weight: Annotated[float, Field(ge=0, le=1)] = 0.5


ClassWeight = Literal["balanced"] | dict[str, NonNegative]


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
        class_weight: factor of the loss of the training images of each class, by its English name;
            `balanced` makes up for their numbers; None counts all images alike.
        steps_per_epoch: gradient steps after which an epoch ends, wherever it is in the images;
            None is one pass over them.
        device_data_gb: training images up to this size (10^9 bytes) stay on the device; larger
            ones are streamed to it.
        fine_tuning: of a frozen backbone, after its head was trained; None leaves it as it is.
        virtual_adversarial: disturbance that outputs shall withstand; None disturbs nothing.
        distillation: what is learned from trained networks.
        checkpoint_minutes: at least between two checkpoints, at the ends of epochs; None is none.
    """

    epochs: Natural
    batch_size: Count
    loss: Loss
    label_smoothing: Fraction
    class_weight: ClassWeight | None
    steps_per_epoch: Count | None
    device_data_gb: NonNegative
    fine_tuning: FineTuningConfig | None
    virtual_adversarial: VirtualAdversarialConfig | None
    distillation: DistillationConfig
    checkpoint_minutes: NonNegative | None

    @property
    def trains(self) -> bool:
        """Whether anything is trained; a backbone may be fine-tuned without epochs before."""
        return bool(self.epochs or self.fine_tuning)
