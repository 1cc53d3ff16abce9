"""Runs that are interrupted: a small one, and how it is stopped."""

from pathlib import Path
from typing import Any

import pytest
from calling import Said, call

from runner import __main__ as program
from runner.training.stage import Stage

SMALL = (
    *("device=cpu", "dataset=shapes-drawn", "dataset.train_size=60", "model=dense"),
    *("dataset.validation_fraction=0.5", "training.batch_size=12", "training.epochs=4"),
    *("model.hidden_units=[8]", "model.hidden_dropout=0.3", "figures=[]"),
    *("schedule=plateau", "schedule.patience=1", "callbacks=early-stopping"),
    *("training.checkpoint_minutes=0", "tracking.run_name=it"),
)
FOLDER = "tracking=folder"


def interrupt(before: int, *arguments: str) -> Said:
    """Run the program until it begins its epoch of that number, all seeds taken together."""
    epoch, begun = Stage.epoch, 0

    def stopping(self: Stage, *args: Any) -> list[dict[str, float]]:
        nonlocal begun
        begun += 1
        if begun > before:
            raise KeyboardInterrupt
        return epoch(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, "epoch", stopping)
        said = call(program.main, *arguments)
    assert said.code == 130, said.error
    return said


def folder_of(workspace: Path = Path()) -> Path:
    (folder,) = {path.parent for path in workspace.glob("outputs/*/*/configuration")}
    return folder
