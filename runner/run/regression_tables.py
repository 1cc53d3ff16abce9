"""Tables of a regression on the terminal: metrics of each output, rows of a small table."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_METRICS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "largest_error": "largest error",
    "r2": "R2",
}


def show_regression(console: Console, report: dict[str, Any], summary: dict[str, Any]) -> None:
    """Print the metrics of each output, and every row of a small table.

    Args:
        console: to print on.
        report: `report.json` of the last seed.
        summary: over the seeds.
    """
    if "train_loss" in summary:
        spread = summary["train_loss"]
        several = f" (mean of {spread['n']}; {spread['min']:.3g} .. {spread['max']:.3g})"
        console.print(f"training loss {spread['mean']:.3g}{several if spread['n'] > 1 else ''}")
    of = f", seed {report['seed']}" if summary["train_seconds"]["n"] > 1 else ""
    console.print(_metrics_table(report, f"test rows{of}"))
    if report["examples"]:
        console.print(_rows_table(report["examples"], list(report["outputs"]), f"every row{of}"))


def _metrics_table(report: dict[str, Any], title: str) -> Table:
    table = Table("output", title=title, title_justify="left")
    for name in _METRICS.values():
        table.add_column(name, justify="right")
    whole = {name: report[f"test_{name}"] for name in _METRICS}
    rows = report["outputs"] | ({"all": whole} if len(report["outputs"]) > 1 else {})
    for output, metrics in rows.items():
        table.add_row(output, *(_as_text(metrics[name]) for name in _METRICS))
    return table


def _rows_table(examples: list[dict[str, Any]], outputs: list[str], title: str) -> Table:
    table = Table("", "inputs", title=title, title_justify="left")
    for output in outputs:
        table.add_column(output, justify="right")
        table.add_column("predicted", justify="right")
    for row in examples:
        pairs = zip(row["targets"], row["predictions"], strict=True)
        cells = (text for true, predicted in pairs for text in (f"{true:.4g}", f"{predicted:.4f}"))
        inputs = ", ".join(f"{value:.4g}" for value in row["inputs"])
        table.add_row(row["split"], inputs, *cells)
    return table


def _as_text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
