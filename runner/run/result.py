"""The result of one training, and the summary over several seeds."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from runner.base.atomic_files import replacing, write_text
from runner.base.binomial import binomial_sd
from runner.base.objective import OBJECTIVES, SPLITS
from runner.base.seed_statistics import describe_seeds
from runner.base.stored_files import DIGESTS
from runner.evaluation.assessment import AnyReport
from runner.evaluation.baselines.baseline_comparison import BaselineComparison
from runner.evaluation.predictions import FILES, AnyPredictions
from runner.training.trained import Training

SUMMARIZED = (
    *(objective.metric_name(split) for objective in OBJECTIVES for split in SPLITS),
    *("tta_test_error", "tta_validation_error", "train_loss", "test_rmse", "test_mae"),
    *("test_loss", "validation_loss", "fitted_error", "fitted_mse", "fitted_loss"),
    *("sensitivity", "specificity", "auc", "equal_error_accuracy"),
    *("test_exact_match", "validation_exact_match", "fitted_exact_match"),
    *("tta_test_exact_match", "tta_validation_exact_match"),
    *("train_seconds", "fit_seconds", "predict_seconds", "tta_predict_seconds"),
)

_FRACTIONS = ("sensitivity", "specificity", "auc", "_exact_match")


@dataclass(frozen=True)
class Result:
    """One training and its evaluation.

    Attributes:
        seed: of the training.
        training: the network and its history.
        losses: of each split, and the errors on the images trained on; see
            `runner.evaluation.split_losses`.
        report: of the test images; None with `evaluation.test=false`.
        validation: predictions of the validation images, or None without any.
        comparison: with baselines on features of the network, or None without baselines.
        examples: hash of the test images and their order, looked at or not.
    """

    seed: int
    training: Training
    report: AnyReport | None
    validation: AnyPredictions | None
    losses: dict[str, Any] = field(default_factory=dict)
    comparison: BaselineComparison | None = None
    examples: str = ""

    def metrics(self) -> dict[str, Any]:
        """Return the content of `report.json`: errors as fractions, times in seconds."""
        metrics = {} if self.report is None else self.report.metrics()
        if self.validation is not None:
            metrics |= self.validation.errors("validation")
        if self.training.history.get("loss"):
            metrics["train_loss"] = self.training.history["loss"][-1]
        return {
            "seed": self.seed,
            **metrics,
            **self.losses,
            **(self.comparison.metrics() if self.comparison else {}),
            "epochs": len(self.training.epoch_seconds),
            "epoch_seconds": self.training.epoch_seconds,
            "train_seconds": self.training.train_seconds,
            "compile_seconds": self.training.compile_seconds,
            "seeds_together": self.training.seeds,
            "test_examples": self.examples,
            **self._features(),
            "parameters": self.training.model.count_params(),
        }

    @property
    def predictions(self) -> dict[str, AnyPredictions | None]:
        """Predictions for the images of each split, or None."""
        return {"test": self.report, "validation": self.validation}

    def _features(self) -> dict[str, float]:
        seconds = self.training.features_seconds
        return {} if seconds is None else {"features_seconds": seconds}

    def save(self, folder: Path) -> None:
        """Write `report.json`, `classes.txt`, `history.json`, predictions and `model.keras`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DIGESTS).unlink(missing_ok=True)  # of an earlier attempt
        write_json(folder / "report.json", self.metrics())
        write_json(folder / "history.json", self.training.history)
        for split, predictions in self.predictions.items():
            if predictions is not None:
                arrays: dict[str, Any] = predictions.arrays()
                with replacing(folder / FILES[split]) as part:
                    np.savez_compressed(part, **arrays)
        if self.report is not None:
            for name, text in self.report.texts().items():
                write_text(folder / name, text)
        if self.comparison is not None:
            self.comparison.save(folder)
        with replacing(folder / "model.keras") as part:
            self.training.model.save(part)


def summarize(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Return statistics of metrics over seeds; see `runner.base.seed_statistics`.

    Of errors `binomial_sd` too: what the choice of the images alone would make them vary.

    Args:
        reports: `report.json` of each seed.
    """
    summary: dict[str, Any] = {
        name: describe_seeds([report[name] for report in reports], _upper(name))
        for name in SUMMARIZED
        if all(name in report for report in reports)
    }
    for split in SPLITS:
        for name in (f"{tta}{split}_error" for tta in ("", "tta_")):
            counted = {f"{name}s", f"{split}_images"} <= reports[0].keys()
            if counted and "sd" in summary.get(name, {}):
                alone = binomial_sd(summary[name]["mean"], reports[0][f"{split}_images"])
                summary[name]["binomial_sd"] = alone
    if baselines := reports[0].get("learners"):
        summary["learners"] = {
            name: summarize([report["learners"][name] for report in reports]) for name in baselines
        }
    return summary


def _upper(name: str) -> float:
    """Return the largest possible value of a metric."""
    is_fraction = name.endswith(("_error", "_accuracy", *_FRACTIONS))
    return 1.0 if is_fraction else math.inf


def write_json(path: Path, content: Any) -> None:
    """Write indented JSON."""
    write_text(path, json.dumps(content, indent=2) + "\n")
