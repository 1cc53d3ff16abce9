"""Trainings that are started from the page."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path

import pytest

from play.conftest import Ask
from runner.play.play_errors import PlayError
from runner.play.play_requests import TrainingRequest, parse_request
from runner.play.training_choices import training_choices
from runner.play.training_progress import read_progress
from runner.play.trainings import AT_ONCE, Trainings

WAITS = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: exit(130))
print("on", flush=True)
time.sleep(60)
"""
FAILS = "import sys; print('{word}: it did not work'); sys.exit(1)"
SMALL = TrainingRequest("moons", "dense", "adam", 3, 0.01, 10, hidden_layers=2, activation="tanh")


def started(script: str) -> Iterator[Trainings]:
    trainings = Trainings((sys.executable, "-c", script))
    yield trainings
    trainings.close()


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainings]:
    monkeypatch.chdir(tmp_path)
    yield from started(WAITS)


@pytest.fixture(params=["error", "erro"])
def failing(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trainings]:
    monkeypatch.chdir(tmp_path)
    yield from started(FAILS.format(word=request.param))


def until(training: object, state: str) -> None:
    deadline = time.monotonic() + 20
    while vars(type(training))["state"].fget(training) != state:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"dataset": "../x", "model": "lenet"',
        b'{"dataset": "mnist hydra.run.dir=/", "model": "lenet"',
        b'{"dataset": "mnist", "model": "lenet,dense"',
    ],
)
def test_names_are_names(wrong: bytes) -> None:
    rest = b', "optimizer": "adam", "epochs": 1, "learning_rate": 0.1, "batch_size": 1}'
    with pytest.raises(PlayError, match="should match pattern"):
        parse_request(TrainingRequest, wrong + rest)


def test_what_does_not_fit_together_is_refused_at_once(refused: Ask) -> None:
    asked = {"model": "dense", "optimizer": "adam", "epochs": 1, "learning_rate": 0.1}
    answer = refused("train", dataset="moons", batch_size=500, **asked)
    assert "there are only 400" in answer.content["error"]
    answer = refused("train", dataset="mnits", batch_size=5, **asked)
    assert "did you mean mnist" in answer.content["error"]
    assert refused("progress", training="0" * 16).status == 404


def test_no_more_than_two_run_and_each_is_stopped(waiting: Trainings) -> None:
    running = [waiting.start(SMALL) for _ in range(AT_ONCE)]
    with pytest.raises(PlayError, match="2 trainings run already"):
        waiting.start(SMALL)
    for each in running:
        while not each.output.read_text():  # only then it knows the signal
            time.sleep(0.02)
    stopped = waiting.stop(running[0].key)
    assert stopped.state == "stopped"
    assert waiting.start(SMALL).state == "running"
    waiting.close()
    assert running[1].state == "stopped"


def test_one_that_is_stopped_goes_on_in_its_folder(waiting: Trainings) -> None:
    first = waiting.start(SMALL)
    while not first.output.read_text():
        time.sleep(0.02)
    with pytest.raises(PlayError, match="runs"):
        waiting.go_on(first.key)
    waiting.stop(first.key)
    second = waiting.go_on(first.key)
    assert second.plan == first.plan
    assert second.process.args[-1] == f"resume='{first.plan.folder}'"  # type: ignore[index]
    assert waiting.listed() == [second]
    assert not first.output.exists()


def test_two_clicks_go_on_with_one_training(waiting: Trainings) -> None:
    first = waiting.start(SMALL)
    while not first.output.read_text():
        time.sleep(0.02)
    waiting.stop(first.key)

    def click(_: int) -> str:
        try:
            return waiting.go_on(first.key).state
        except PlayError as error:
            return error.code

    with ThreadPoolExecutor(4) as clicks:
        assert sorted(clicks.map(click, range(4))) == [*["no-training"] * 3, "running"]
    assert len(waiting.listed()) == 1


def test_a_failure_is_told_in_its_own_words(failing: Trainings) -> None:
    training = failing.start(SMALL)
    until(training, "failed")
    told = training.as_plain()
    assert (told["state"], told["error"]) == ("failed", "it did not work")


def test_progress_of_a_finished_run(played: Path) -> None:
    (folder,) = (played / "outputs").glob("????-??-??/*lenet-mnist*")
    told = read_progress(folder)
    assert len(told["history"]["loss"]) == 4
    assert told["filters"]["shape"] == [6, 1, 5, 5]
    assert read_progress(played) == {"history": {}, "filters": None}


def test_choices_are_those_of_this_machine_in_the_language(played: Path) -> None:
    with chdir(played):
        english, portuguese = training_choices("en"), training_choices("pt")
    names = [choice["name"] for choice in english["dataset"]]
    assert {"mnist", "moons", "spiral"} <= set(names)
    moons = portuguese["dataset"][names.index("moons")]
    assert moons["text"].startswith("Duas meias-luas")
    assert moons["shape"] == [2]
    assert {choice["rate"] for choice in english["optimizer"]} == {0.001, 0.01}
