"""What the progress bar of a training says, in two languages."""

import io

import pytest
from rich.console import Console

from runner.base.option_types import Language
from runner.run.progress_bar import ProgressBar


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "epoch 1/3 loss 0.1250 error 10.00 % validation 20.00 % left"),
        ("pt", "época 1/3 perda 0,1250 erro 10,00 % validação 20,00 % faltam"),
    ],
)
def test_the_bar_speaks_the_language_of_the_run(language: Language, said: str) -> None:
    text = io.StringIO()
    bar = ProgressBar(Console(file=text, width=100), language)
    bar.set_params({"epochs": 3, "steps": 2})
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    bar.on_epoch_end(0, {"loss": 0.125, "accuracy": 0.9, "val_accuracy": 0.8})
    bar.on_train_end()
    assert said in " ".join(text.getvalue().split())


@pytest.mark.parametrize(
    ("loss", "said"),
    [(0.5, "0.5000"), (23456.7, "23,457"), (2.25657e8, "2.257e+08"), (1e-4, "1.00e-04")],
)
def test_large_losses_have_no_decimals(loss: float, said: str) -> None:
    text = io.StringIO()
    bar = ProgressBar(Console(file=text, width=100), "en")
    bar.set_params({"epochs": 1, "steps": 2})
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    bar.on_epoch_end(0, {"loss": loss})
    bar.on_train_end()
    assert f"loss {said} " in " ".join(text.getvalue().split())
