"""What a training gave."""

from __future__ import annotations

from dataclasses import dataclass

from runner.base.lazy import keras


@dataclass(frozen=True)
class Training:
    """What one training gave.

    Attributes:
        model: the trained network.
        history: for each quantity (loss, accuracy, val_..., learning_rate) one value per epoch;
            where there are several stages also `stage`, counted from 1.
        epoch_seconds: duration of each epoch, validation included, compilation not; the share of
            one seed where several are trained at once.
        compile_seconds: duration of the compilation before the first epoch; 0 where an earlier
            seed had already paid for it.
        seeds: number of seeds that were trained at once.
        features_seconds: duration of computing or loading what a frozen part gives for every
            image, before the first epoch; None where training computes it step by step.
    """

    model: keras.Model
    history: dict[str, list[float]]
    epoch_seconds: list[float]
    compile_seconds: float
    features_seconds: float | None = None
    seeds: int = 1

    @property
    def train_seconds(self) -> float:
        """Duration of all epochs, without compilation."""
        return sum(self.epoch_seconds, 0.0)
