"""Two finished runs in a folder, and the page's questions about them."""

import base64
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from calling import call
from PIL import Image, ImageDraw

from play.asking import Answer, request
from runner import __main__ as program
from runner.datasets.picture_files import refusing_bombs
from runner.play.__main__ import handlers
from runner.play.loaded_networks import LoadedNetworks
from runner.play.play_answers import PlayAnswers
from runner.play.play_server import play_app
from runner.play.playable_runs import PlayableRuns
from runner.play.region_answers import RegionAnswers
from runner.play.training_answers import TrainingAnswers
from runner.play.trainings import Trainings

PICTURES = (
    *("model=lenet", "model.filters=[6,8]", "model.hidden_units=[32]", "training.epochs=4"),
    *("dataset.train_size=1500", "training.batch_size=25", "figures=[filter-evolution]"),
)
PLANE = (
    *("model=dense", "dataset=moons", "model.hidden_units=[3]", "training.epochs=5"),
    *("dataset.train_images=40", "dataset.test_images=40", "training.batch_size=10"),
    "figures=[decision-regions]",
)
THREE = [(0.3, 0.2), (0.5, 0.13), (0.68, 0.25), (0.48, 0.47), (0.7, 0.6), (0.6, 0.83), (0.28, 0.8)]
Ask = Callable[..., Any]


def png(points: list[tuple[float, float]], side: int = 168) -> str:
    """A picture of strokes from point to point, black on white, as the page sends it."""
    picture = Image.new("L", (side, side), 255)
    line = [(side * x, side * y) for x, y in points]
    ImageDraw.Draw(picture).line(line, 0, side // 13, joint="curve")
    file = BytesIO()
    picture.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which digits and moons were trained."""
    folder = tmp_path_factory.mktemp("played")
    with chdir(folder):
        for overrides in (PICTURES, PLANE):
            ran = call(program.main, *overrides, "device=cpu", "tracking=folder")
            if "not on this machine" in ran.error:
                pytest.skip(f"MNIST is needed: {ran.error}")
            assert ran.code == 0, ran.error
    return folder


@pytest.fixture(scope="session")
def app(played: Path) -> Iterator[Any]:
    """The web application of that folder; what it starts says nothing and ends."""
    with chdir(played):
        runs = PlayableRuns(None, None)
        answers = PlayAnswers(runs, LoadedNetworks(runs))
        trainings = Trainings((sys.executable, "-c", ""))
        training = TrainingAnswers(trainings, runs)
    yield play_app(handlers(answers, training, RegionAnswers(runs)), trainings.close)
    trainings.close()


@pytest.fixture(scope="session")
def ask(app: Any, played: Path) -> Iterator[Ask]:
    """Ask as the page does; the answer must be a good one."""

    def ask_it(name: str, **body: Any) -> Any:
        with chdir(played):
            answer = request(app, f"/api/{name}", json.dumps(body).encode())
        assert answer.status == 200, answer.body
        return answer.content

    with refusing_bombs():
        yield ask_it


@pytest.fixture(scope="session")
def refused(app: Any, played: Path) -> Ask:
    """Ask what is refused; return the answer."""

    def ask_it(name: str, body: bytes | None = None, **asked: Any) -> Answer:
        with chdir(played):
            content = json.dumps(asked).encode() if body is None else body
            answer = request(app, f"/api/{name}", content)
        assert answer.status >= 400, answer.body
        return answer

    return ask_it


@pytest.fixture(scope="session")
def digits_run(ask: Ask) -> str:
    return str(next(run["key"] for run in ask("runs")["runs"] if run["dataset"] == "mnist"))


@pytest.fixture(scope="session")
def plane_run(ask: Ask) -> str:
    return str(next(run["key"] for run in ask("runs")["runs"] if run["inputs"] == 2))
