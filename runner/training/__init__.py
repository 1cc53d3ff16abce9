"""Training: fits a network on training images; never receives the test split."""

from runner.training.trainer import Trainer, Training

__all__ = ["Trainer", "Training"]
