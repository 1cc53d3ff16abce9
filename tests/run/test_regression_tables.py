"""The tables of a regression on the terminal, in two languages."""

import io
from typing import Any

import pytest
from rich.console import Console

from runner.base.option_types import Language
from runner.run.regression_tables import show_regression

METRICS = {"mse": 0.25, "rmse": 0.5, "mae": 0.4, "largest_error": 0.75, "r2": None}
REPORT: dict[str, Any] = {
    "seed": 3,
    "outputs": {"first": METRICS, "second": METRICS},
    "examples": [
        {"split": "training", "inputs": [0.5, 2], "targets": [1.5, 1], "predictions": [1.25, 1]},
    ],
} | {f"test_{name}": value for name, value in METRICS.items()}
SUMMARY = {
    "train_loss": {"n": 2, "mean": 0.125, "min": 0.1, "max": 0.15},
    "train_seconds": {"n": 2},
}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["training loss 0.125 (mean of 2; 0.1 .. 0.15)", "test rows, seed 3", "0.5, 2"]),
        ("pt", ["perda de treino 0,125 (média de 2; 0,1 .. 0,15)", "teste, semente 3", "0,5; 2"]),
    ],
)
def test_words_and_numbers_are_those_of_the_language(language: Language, said: list[str]) -> None:
    text = io.StringIO()
    show_regression(Console(file=text, width=120), REPORT, SUMMARY, language)
    assert [part for part in said if part not in text.getvalue()] == []
    english = [word for word in ("largest", "all", "predicted", "0.") if word in text.getvalue()]
    assert english == ([] if language == "pt" else ["largest", "all", "predicted", "0."])


@pytest.mark.parametrize(("r2", "said"), [(-0.5, True), (0.5, False), (None, False)])
def test_what_is_worse_than_the_mean_is_said_with_what_helps(r2: float | None, said: bool) -> None:
    text = io.StringIO()
    report = REPORT | {"outputs": {"first": METRICS | {"r2": r2}}}
    show_regression(Console(file=text, width=200), report, SUMMARY, "en")
    assert ("longer, or, where the MSE on training data is far lower" in text.getvalue()) == said


def test_prices_have_no_exponents() -> None:
    text = io.StringIO()
    large = {"mse": 3.6e8, "rmse": 19_032.4, "mae": 16_320.0, "largest_error": 47_756.0, "r2": 0.99}
    examples = [
        {"split": "test", "inputs": [81.5], "targets": [412_345.0], "predictions": [398_765.4]}
    ]
    report = {"seed": 0, "outputs": {"price": large}, "examples": examples}
    report |= {f"test_{name}": value for name, value in large.items()}
    show_regression(Console(file=text, width=120), report, SUMMARY, "en")
    for said in ("3.6e+08", "19,032", "16,320", "47,756", "81.5", "412,345", "398,765"):
        assert said in text.getvalue()
