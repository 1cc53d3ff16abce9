"""The result of one training, and of the same configuration over several seeds."""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from runner.evaluation import Report
from runner.training import Training

SUMMARISED = ("test_error", "validation_error", "train_seconds", "predict_seconds")


@dataclass(frozen=True)
class Result:
    """One training and its evaluation.

    Attributes:
        seed: it was trained with.
        training: the network and its history.
        report: of the test images.
    """

    seed: int
    training: Training
    report: Report

    def numbers(self) -> dict[str, Any]:
        """Return what `report.json` holds; fractions for errors, seconds for times."""
        history = self.training.history
        validation = {}
        if "val_accuracy" in history:
            validation["validation_error"] = 1 - history["val_accuracy"][-1]
        return {
            "seed": self.seed,
            **self.report.numbers(),
            **validation,
            "epochs": len(self.training.epoch_seconds),
            "epoch_seconds": self.training.epoch_seconds,
            "train_seconds": self.training.train_seconds,
            "compile_seconds": self.training.compile_seconds,
            "parameters": self.training.model.count_params(),
        }

    def save(self, folder: Path) -> None:
        """Write `report.json`, `history.json`, `predictions.npz` and `model.keras`."""
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "report.json", self.numbers())
        write_json(folder / "history.json", self.training.history)
        np.savez_compressed(
            folder / "predictions.npz",
            labels=self.report.labels,
            predictions=self.report.predictions,
            probabilities=self.report.probabilities,
        )
        self.training.model.save(folder / "model.keras")


def summarise(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return mean, sd, min, max and 95 % confidence interval of the seeds' numbers."""
    return {
        name: spread([result[name] for result in results])
        for name in SUMMARISED
        if all(name in result for result in results)
    }


def spread(values: list[float]) -> dict[str, float]:
    """Describe values of several seeds; the interval is Student's, of the mean."""
    from scipy.stats import t

    mean, n = statistics.fmean(values), len(values)
    described = {"n": n, "mean": mean, "min": min(values), "max": max(values)}
    if n == 1:
        return described
    sd = statistics.stdev(values)
    half = float(t.ppf(0.975, n - 1)) * sd / n**0.5
    return described | {"sd": sd, "ci95_low": mean - half, "ci95_high": mean + half}


def write_json(path: Path, content: Any) -> None:
    """Write JSON that people can read too."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
