"""Tables of a regression on the terminal: metrics of each output, rows of a small table."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from runner.base.language import number_format
from runner.base.option_types import Language
from runner.figures.translations import Texts, Translator, translator

TEXTS: Texts = {
    "training loss": "perda de treino",
    "(mean of {n}; {low:.3g} .. {high:.3g})": "(média de {n}; {low:.3g} .. {high:.3g})",
    "test rows": "linhas de teste",
    "every row": "todas as linhas",
    "seed": "semente",
    "output": "saída",
    "inputs": "entradas",
    "predicted": "previsto",
    "largest error": "maior erro",
    "all": "todas",
    "MSE": "EQM",
    ", ": "; ",
    "R2 below 0 is worse than the mean of the test rows would be: train for": (
        "R2 abaixo de 0 é pior do que seria a média das linhas de teste: treine por"
    ),
    "longer, or, where the MSE on training data is far lower, with fewer units": (
        "mais tempo, ou, onde o EQM nos dados de treino é bem menor, com menos unidades"
    ),
}
_LARGE = 1000
_METRICS = ("mse", "rmse", "mae", "largest_error", "r2")


def show_regression(
    console: Console, report: dict[str, Any], summary: dict[str, Any], language: Language
) -> None:
    """Print the metrics of each output, and every row of a small table.

    Args:
        console: to print on.
        report: `report.json` of the last seed.
        summary: over the seeds.
        language: of words and numbers.
    """
    translate = translator(language, TEXTS)
    if "train_loss" in summary:
        spread = summary["train_loss"]
        ends = {"n": spread["n"], "low": spread["min"], "high": spread["max"]}
        several = f" {translate('(mean of {n}; {low:.3g} .. {high:.3g})', **ends)}"
        loss = f"{translate('training loss')} {translate.number(spread['mean'], '.3g')}"
        console.print(f"{loss}{several if spread['n'] > 1 else ''}")
    one = summary["train_seconds"]["n"] == 1
    of = "" if one else f", {translate('seed')} {report['seed']}"
    console.print(_metrics_table(report, f"{translate('test rows')}{of}", translate))
    if any((metrics["r2"] or 0) < 0 for metrics in report["outputs"].values()):
        worse = translate("R2 below 0 is worse than the mean of the test rows would be: train for")
        helps = translate(
            "longer, or, where the MSE on training data is far lower, with fewer units"
        )
        console.print(f"{worse} {helps}")
    if report["examples"]:
        title, outputs = f"{translate('every row')}{of}", list(report["outputs"])
        console.print(_rows_table(report["examples"], outputs, title, translate))


def _metrics_table(report: dict[str, Any], title: str, translate: Translator) -> Table:
    table = Table(translate("output"), title=title, title_justify="left")
    for name in (translate("MSE"), "RMSE", "MAE", translate("largest error"), "R2"):
        table.add_column(name, justify="right")
    whole = {name: report[f"test_{name}"] for name in _METRICS}
    rows = report["outputs"] | ({translate("all"): whole} if len(report["outputs"]) > 1 else {})
    for output, metrics in rows.items():
        table.add_row(output, *(_as_text(metrics[name], translate) for name in _METRICS))
    return table


def _rows_table(
    examples: list[dict[str, Any]], outputs: list[str], title: str, translate: Translator
) -> Table:
    table = Table("", translate("inputs"), title=title, title_justify="left")
    number = translate.number
    for output in outputs:
        table.add_column(output, justify="right")
        table.add_column(translate("predicted"), justify="right")
    for row in examples:
        pairs = zip(row["targets"], row["predictions"], strict=True)
        cells = (
            text
            for true, found in pairs
            for text in (number(true, number_format(true)), number(found, _found_format(found)))
        )
        inputs = translate(", ").join(_as_text(value, translate) for value in row["inputs"])
        table.add_row(translate(row["split"]), inputs, *cells)
    return table


def _found_format(value: float) -> str:
    return number_format(value) if abs(value) >= _LARGE else ".4f"


def _as_text(value: float | None, translate: Translator) -> str:
    return "-" if value is None else translate.number(value, number_format(value))
