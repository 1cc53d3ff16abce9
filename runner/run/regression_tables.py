"""Tables of what a network that tells numbers makes of them, on the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_MEASURES = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "largest_error": "largest error",
    "r2": "R2",
}


def show_regression(console: Console, last: dict[str, Any], summary: dict[str, Any]) -> None:
    """Print how far each output is off, and every row of a small table.

    Args:
        console: to print on.
        last: the numbers of the last seed, as in its `report.json`.
        summary: over the seeds.
    """
    if "train_loss" in summary:
        spread = summary["train_loss"]
        several = f" (mean of {spread['n']}; {spread['min']:.3g} .. {spread['max']:.3g})"
        console.print(f"training loss {spread['mean']:.3g}{several if spread['n'] > 1 else ''}")
    of = f", seed {last['seed']}" if summary["train_seconds"]["n"] > 1 else ""
    console.print(_measures(last, f"test rows{of}"))
    if last["examples"]:
        console.print(_examples(last["examples"], list(last["outputs"]), f"every row{of}"))


def _measures(last: dict[str, Any], title: str) -> Table:
    table = Table("output", title=title, title_justify="left")
    for name in _MEASURES.values():
        table.add_column(name, justify="right")
    whole = {name: last[f"test_{name}"] for name in _MEASURES}
    rows = last["outputs"] | ({"all": whole} if len(last["outputs"]) > 1 else {})
    for output, measures in rows.items():
        table.add_row(output, *(_number(measures[name]) for name in _MEASURES))
    return table


def _examples(examples: list[dict[str, Any]], outputs: list[str], title: str) -> Table:
    table = Table("", "inputs", title=title, title_justify="left")
    for output in outputs:
        table.add_column(output, justify="right")
        table.add_column("predicted", justify="right")
    for row in examples:
        pairs = zip(row["targets"], row["predictions"], strict=True)
        numbers = (text for true, given in pairs for text in (f"{true:.4g}", f"{given:.4f}"))
        inputs = ", ".join(f"{value:.4g}" for value in row["inputs"])
        table.add_row(row["split"], inputs, *numbers)
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
