"""The observer that logs every epoch to the open run of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.run.logged_metrics import epoch_metrics
from runner.tracking.open_run import OpenRun
from runner.training.observer import History, Observer


class EpochLog(Observer):
    """Logs the metrics of each epoch, which are counted from 1."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Log what the epoch gave."""
        self._run.log_epoch(epoch + 1, epoch_metrics(logs))

    def go_on(self, folder: Path, history: History) -> None:
        """Log the epochs before an interruption; a run that has them already ignores them."""
        for epoch in range(history.epochs):
            logs = {name: values[epoch] for name, values in history.values.items()}
            self._run.log_epoch(epoch + 1, epoch_metrics(logs))
