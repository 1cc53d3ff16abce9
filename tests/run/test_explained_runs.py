"""Pages and figures of real runs, several seeds among them, and the learning-rate finder."""

from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from calling import Said, call

from runner import __main__ as program
from runner.run import learning_rate_finder
from runner.sweeps.report import report_command

TINY = (
    *("device=cpu", "dataset=5-vs-6", "dataset.train_size=300", "training.epochs=2"),
    *("model=dense", "model.hidden_units=[8]", "tracking=folder"),
)
FIGURES = "figures=[wrong-in-seeds,training-health,confused-pairs]"


@dataclass(frozen=True)
class Run:
    """A run of two seeds, and what it said."""

    said: Said
    folder: Path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explained")


def run(workspace: Path, name: str, *arguments: str) -> Run:
    with chdir(workspace):
        said = call(program.main, *TINY, FIGURES, f"tracking.run_name={name}", *arguments)
    if "not on this machine" in said.error:
        pytest.skip(f"MNIST is needed: {said.error}")
    assert said.code == 0, said.error
    (folder,) = workspace.glob(f"outputs/*/*-{name}")
    return Run(said, folder)


@pytest.fixture(scope="module")
def together(workspace: Path) -> Run:
    return run(workspace, "together", "seeds=2", "seeds_together=2", "language=pt")


def test_a_figure_of_all_seeds_is_drawn_once_and_with_the_last(together: Run) -> None:
    names = {"wrong-in-seeds-1.png", "wrong-in-seeds-2.png"}
    assert {path.name for path in (together.folder / "figures").iterdir()} == names
    for seed in (0, 1):
        drawn = {path.stem for path in (together.folder / f"seed-{seed}/figures").iterdir()}
        assert drawn == {"training-health", "confused-pairs"}
    assert "wrong-in-seeds" in together.said.out


def test_the_page_of_several_seeds_is_in_the_language_of_the_run(together: Run) -> None:
    text = (together.folder / "report.html").read_text()
    for part in ("Figuras da semente 0", "erro de teste: ", "2 sementes", "seeds_together=2"):
        assert part in text
    assert text.count("data:image/png") == 5  # seeds, two of all seeds, two of the first one


def test_health_is_recorded_of_seeds_together_as_of_each_alone(
    together: Run, workspace: Path
) -> None:
    alone = run(workspace, "alone", "seed=1")
    with (
        np.load(together.folder / "seed-1/health.npz") as recorded,
        np.load(alone.folder / "health.npz") as expected,
    ):
        assert recorded["layers"].tolist() == expected["layers"].tolist() != []
        for name in ("weights", "activations", "gradients", "dead"):
            assert recorded[name].shape == (3, 2)
            np.testing.assert_allclose(recorded[name], expected[name], rtol=1e-3, atol=1e-6)
    assert not (alone.folder / "figures/wrong-in-seeds-1.png").exists()


def test_the_page_of_an_older_run_is_written_later(together: Run, workspace: Path) -> None:
    page = together.folder / "report.html"
    page.unlink()
    with chdir(workspace):
        said = call(report_command.main, "html", "together", "--language", "en")
        assert (said.code, said.error) == (0, "")
        assert "Figures of seed 0" in page.read_text()
        assert said.out.startswith("written to ")
        assert call(report_command.main, "html", "together").out.startswith("gravado em ")
        for words in (("html",), ("html", "nothing-like-it")):
            assert call(report_command.main, *words).refusal


def test_a_learning_rate_is_found(workspace: Path) -> None:
    short = ("training.epochs=40", "training.steps_per_epoch=2", "optimizer=sgd")
    with chdir(workspace):
        said = call(learning_rate_finder.main, *TINY[:-1], *short, "schedule.highest=1000")
        assert said.code == 0, said.error
        assert "suggests  optimizer.learning_rate=" in said.out
        assert "(steepest descent)" in said.out
        (drawn,) = said.drawn
        assert (workspace / drawn).stat().st_size > 1000
        assert not list(workspace.glob("outputs/*/*range*/model.keras"))


def test_a_training_that_ends_at_once_is_one_line(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning_rate_finder, "_WORSE", 0.0)
    monkeypatch.setattr(learning_rate_finder, "_FEWEST", 50)
    with chdir(workspace):
        refusal = call(learning_rate_finder.main, *TINY[:-1], "training.epochs=3").refusal
    assert "try a smaller schedule.lowest" in refusal


@pytest.mark.parametrize("word", ["-m", "schedule=cosine", "seeds=3", "lenet"])
def test_what_does_not_fit_a_range_test_is_one_line(word: str) -> None:
    assert word in call(learning_rate_finder.main, "model=dense", word).refusal


def test_a_range_test_ends_where_the_loss_is_several_times_the_first() -> None:
    test = learning_rate_finder.RangeTest()
    for epoch in range(11):
        test.on_epoch_end(epoch, {"learning_rate": 10.0**epoch, "loss": 1.0})
    with pytest.raises(learning_rate_finder.Diverged):
        test.on_epoch_end(11, {"learning_rate": 1e11, "loss": 3.1})
    assert test.losses[-1] == 3.1
