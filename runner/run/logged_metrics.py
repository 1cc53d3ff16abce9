"""The few metrics of a run that a store compares runs by; `report.json` has all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.base.objective import SPLITS, objective_of

_OF_EPOCHS = {
    "loss": "train_loss",
    "accuracy": "train_accuracy",
    "val_loss": "validation_loss",
    "val_accuracy": "validation_accuracy",
}
_ERRORS = tuple(f"{tta}{split}_error" for tta in ("", "tta_") for split in ("test", "validation"))
_FINAL = (
    *(*_ERRORS, "fitted_error", "test_loss", "fitted_loss", "validation_loss"),
    *("test_mse", "validation_mse", "fitted_mse", "test_rmse", "test_mae"),
    *("sensitivity", "specificity", "auc", "equal_error_accuracy"),
    *("epochs", "train_seconds", "predict_seconds", "parameters"),
)
_WITH_SD = (*_ERRORS, "test_mse", "validation_mse")
_CLASS_COLUMNS = ("precision", "recall", "f1", "support")


def epoch_metrics(logs: Mapping[str, float]) -> dict[str, float]:
    """Return the metrics of an epoch under names that say which data they are of."""
    return {_OF_EPOCHS.get(name, name): value for name, value in logs.items()}


def final_metrics(
    report: Mapping[str, Any], history: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """Return the metrics of one training.

    Args:
        report: `report.json`.
        history: of the epochs, by Keras' names.
    """
    final = {name: report[name] for name in _FINAL if name in report}
    for name in set(_OF_EPOCHS) & set(history):
        final.pop(_OF_EPOCHS[name], None)  # the epochs have it already, under this name
    return {
        **final,
        **({"macro_f1": report["macro"]["f1"]} if "macro" in report else {}),
        **_best(report, history),
        **_baselines(report, lambda errors, name: errors[name]),
        "seeds": 1,
    }


def summary_metrics(summary: Mapping[str, Any], seeds: int) -> dict[str, Any]:
    """Return the metrics of a run over several seeds: means, and the spread of its errors.

    Args:
        summary: see `runner.run.result.summarize`.
        seeds: their number.
    """
    means = {name: summary[name]["mean"] for name in _FINAL if name in summary}
    if "train_loss" in summary:
        means.pop("validation_loss", None)  # the seeds' is that of the last epoch, with penalties
    sds = {f"{name}.sd": summary[name]["sd"] for name in _WITH_SD if "sd" in summary.get(name, {})}
    ensemble = summary.get("ensemble", {})
    averaged = {f"ensemble.{name}": ensemble[name] for name in _ERRORS if name in ensemble}
    baselines = _baselines(summary, lambda errors, name: errors[name]["mean"])
    return {**means, **sds, **averaged, **baselines, "seeds": seeds}


def class_table(report: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """Return precision, recall, F1, images and error of each class as columns; None without."""
    classes = report.get("classes")
    if not classes:
        return None
    columns = {
        column: [metrics[column] for metrics in classes.values()] for column in _CLASS_COLUMNS
    }
    errors = [report["class_errors"].get(name) for name in classes]
    return {"class": list(classes), "error": errors, **columns}


def _best(report: Mapping[str, Any], history: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the best epoch, by validation data, and what was reached there."""
    objective = objective_of(report)
    if not history.get(objective.keras_metric):
        losses = history.get("loss")
        return {"best_train_loss": min(losses)} if losses else {}
    values = [
        objective.validation_value({objective.keras_metric: value})
        for value in history[objective.keras_metric]
    ]
    best = min(values)
    name = f"best_{objective.metric_name('validation')}"
    return {name: best, "best_epoch": values.index(best) + 1}


def _baselines(metrics: Mapping[str, Any], value: Any) -> dict[str, float]:
    return dict(_baseline_errors(metrics.get("learners", {}), value))


def _baseline_errors(baselines: Mapping[str, Any], value: Any) -> Iterator[tuple[str, float]]:
    for baseline, errors in baselines.items():
        for name in (f"{split}_error" for split in SPLITS):
            if name in errors:
                yield f"learners.{baseline}.{name}", value(errors, name)
