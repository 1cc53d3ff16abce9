"""Errors are in the language of the run that they come from, named on the command line or not."""

from pathlib import Path

import pytest
from calling import call

import runner
from run.mlflow_runs import SMALL
from runner import __main__ as program
from runner.base.early_interrupt import INTERRUPTED
from runner.base.errors import TrainingError
from runner.run import experiment, learning_rate_finder

MINE = "experiment=mine"
STEEP = ("model=dense", "optimizer=sgd", "optimizer.learning_rate=1e30")
WRONG = (*STEEP, *SMALL, "tracking=folder")


@pytest.fixture(autouse=True)
def portuguese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An experiment of the user's own, whose language is Portuguese."""
    path = tmp_path / "conf/experiment/mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("# @package _global_\n# Mine.\nlanguage: pt\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("sweep", [(), ("-m",)])
def test_errors_of_a_run_and_of_a_sweep(sweep: tuple[str, ...]) -> None:
    said = call(program.main, *sweep, MINE, *WRONG)
    assert said.code == 1
    assert said.error.splitlines()[-1].startswith("erro: ")
    assert "error: " not in said.error
    assert call(program.main, *sweep, *WRONG).error.splitlines()[-1].startswith("error: ")


def test_an_error_of_the_search_for_a_learning_rate() -> None:
    steep = ("schedule.lowest=1e29", "schedule.highest=1e30")
    said = call(learning_rate_finder.main, MINE, "model=dense", *steep, *SMALL[:2])
    assert said.error.startswith("erro: a perda divergiu logo")


def test_what_cannot_be_trained() -> None:
    said = call(program.main, MINE, "model=lenet", "dataset=weight-age", "training.batch_size=2")
    assert said.error.startswith("erro: lenet não pode ser montada para weight-age, uma tabela")


def test_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "load_dataset", interrupt)
    said = call(program.main, MINE, *SMALL, "tracking=folder")
    assert said.code == INTERRUPTED
    assert said.error.startswith("erro: interrompida antes que algo fosse guardado")


def test_an_error_in_a_notebook() -> None:
    with pytest.raises(TrainingError) as error:
        runner.run([MINE, *WRONG])
    assert error.value._render_traceback_() == [
        "erro: a perda é nan na época 1; tente optimizer.learning_rate menor"
    ]
