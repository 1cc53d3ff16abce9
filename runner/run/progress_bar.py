"""A progress bar over the epochs of a training."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from runner.base.language import number_format
from runner.base.option_types import Language
from runner.figures.translations import Texts, Translator, translator
from runner.training.observer import History, Observer

TEXTS: Texts = {"left": "faltam", "loss": "perda", "error": "erro"}
_SMALL, _LARGE = 0.001, 1000.0
"""Loss below which powers of ten are shown, and from which on no decimals."""

_WIDE, _NARROW_BAR = 110, 6
"""Columns of a terminal from which all has its place; length of the bar in a narrower one."""


class ProgressBar(Observer):
    """Shows epoch, loss, error and remaining time; the means, where seeds are trained at once.

    Args:
        console: to show them on.
        language: of words and numbers.
    """

    def __init__(self, console: Console, language: Language) -> None:
        narrow, translate = console.width < _WIDE, translator(language, TEXTS)
        self._translate = translate
        self._progress = Progress(
            TextColumn(f"{translate('epoch')} {{task.fields[epoch]:>3}}/{{task.fields[epochs]}}"),
            BarColumn(bar_width=_NARROW_BAR if narrow else 40),
            TextColumn("{task.fields[metrics]}"),
            *([] if narrow else [TimeElapsedColumn()]),
            TextColumn(translate("left")),
            TimeRemainingColumn(compact=True),
            console=console,
        )
        self._moment: Any = None
        self._seen: list[dict[str, float]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the bar, unless there are no epochs or it was started by another seed."""
        total = self.params["epochs"] * self.params["steps"]
        if not total or self._progress.tasks:
            return
        epochs = self.params["epochs"]
        self._task = self._progress.add_task(
            "training", total=total, epoch=1, epochs=epochs, metrics=""
        )
        self._epoch = 0
        self._progress.start()

    def go_on(self, folder: Path, history: History) -> None:
        """Show the epochs that an interrupted training has behind it."""
        done = history.epochs * self.params["steps"]
        self._progress.update(self._task, epoch=history.epochs, completed=done)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Show the number of the epoch, counted from 1."""
        self._epoch = epoch
        self._progress.update(self._task, epoch=epoch + 1)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Advance the bar; `batch` is the index of the last step in this epoch."""
        done = self._epoch * self.params["steps"] + batch + 1
        mean = self._mean(done, logs)
        self._progress.update(
            self._task, completed=done, metrics=_metrics_text(mean, self._translate)
        )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the metrics of the epoch, with those of the validation images."""
        mean = self._mean((epoch, "ends"), logs)
        self._progress.update(self._task, metrics=_metrics_text(mean, self._translate))

    def on_train_end(self, logs: Any = None) -> None:
        """Stop the bar."""
        self.close()

    def _mean(self, moment: Any, logs: dict[str, float]) -> dict[str, float]:
        """Return the means over the seeds that have said so far what they are at a moment."""
        if moment != self._moment:
            self._moment, self._seen = moment, []
        self._seen.append(logs)
        return {name: fmean(one[name] for one in self._seen) for name in logs}

    def close(self) -> None:
        """Stop the bar; after an interruption too."""
        if self._progress.live.is_started:
            self._progress.stop()


def _loss_format(loss: float) -> str:
    if loss >= _LARGE:
        return number_format(loss)
    return ".4f" if loss >= _SMALL else ".2e"


def _metrics_text(logs: dict[str, float], translate: Translator) -> str:
    number = translate.number
    loss = number(logs["loss"], _loss_format(logs["loss"]))
    text = f"{translate('loss')} {loss}"
    if "accuracy" in logs:
        text += f"  {translate('error')} {number(100 * (1 - logs['accuracy']), '.2f')} %"
    if "val_accuracy" in logs:
        text += f"  {translate('validation')} {number(100 * (1 - logs['val_accuracy']), '.2f')} %"
    elif "val_loss" in logs:
        text += f"  {translate('validation')} {number(logs['val_loss'], '.4g')}"
    return text
