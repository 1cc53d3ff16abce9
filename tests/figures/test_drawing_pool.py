"""Figures that other processes draw."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from runner.figures.drawing_pool import DrawingPool, drawn_here, worker_count
from runner.figures.figure_declarations import applies_to, needs_network
from runner.figures.finished_run import ClassificationRun

from .configured import NAMES, Configured

ALONE = [name for name in NAMES if not needs_network(Configured(name).component())]


@pytest.fixture(scope="module")
def one() -> Iterator[DrawingPool]:
    with DrawingPool(1) as workers:
        yield workers


@pytest.fixture
def run(tmp_path: Path) -> ClassificationRun:
    """A finished run of which nothing but results is known."""
    draws = np.random.default_rng(0)
    probabilities = draws.dirichlet([0.3, 0.3], 60).astype(np.float32)
    return ClassificationRun(
        model=None,
        images=draws.integers(0, 255, (60, 8, 8, 1), np.uint8),
        history={"loss": [2.0, 1.0], "accuracy": [0.5, 0.75]},
        folder=tmp_path,
        labels=draws.integers(0, 2, 60),
        probabilities=probabilities,
        class_names=["cat", "dog"],
        environment={"python": "3"},
    )


def tiny() -> str:
    return f"drawn by {os.getpid()}"


def failing() -> None:
    raise ValueError("no such color")


def dying() -> str:
    if os.getpid() != int(os.environ["PYTEST_PID"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return "drawn here"


def test_the_figures_of_every_run_are_among_those_that_need_no_network() -> None:
    always = {"learning-curves", "confusion-matrix", "misclassified", "first-test-images", "roc"}
    assert always <= set(ALONE)


@pytest.mark.parametrize("name", ALONE)
def test_another_process_draws_the_same(
    name: str, run: ClassificationRun, one: DrawingPool, tmp_path: Path
) -> None:
    figure = Configured(name).component()
    if not applies_to(figure, run):
        pytest.skip("a figure of labels or numbers")
    here, there = tmp_path / "here", tmp_path / "there"
    expected = drawn_here(partial(figure, run), here / name, "png").result()
    drawn = one.draw(partial(figure, run), there / name, "png").result()
    assert [path.name for path in drawn] == [path.name for path in expected]
    assert [path.read_bytes() for path in drawn] == [path.read_bytes() for path in expected]


class TwoPartsError(Exception):
    """Cannot be unpickled."""

    def __init__(self, color: str, reason: str) -> None:
        super().__init__(f"{color}: {reason}")


class SentBySelfError(Exception):
    """Cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("not to be sent")


def two_parts() -> None:
    raise TwoPartsError("red", "no such color")


def by_self() -> None:
    raise SentBySelfError("no such color")


@pytest.mark.parametrize(
    ("draw", "kind"),
    [(failing, ValueError), (two_parts, TwoPartsError), (by_self, SentBySelfError)],
)
def test_an_error_is_raised_where_the_figure_was_asked_for(
    draw: Any, kind: Any, one: DrawingPool, tmp_path: Path, capfd: Any
) -> None:
    error = one.draw(draw, tmp_path / "figure", "png").exception()
    assert type(error) is kind
    assert "no such color" in str(error)
    (path,) = one.draw(tiny, tmp_path / "next", "png").result()
    assert path.read_text() != f"drawn by {os.getpid()}\n"
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_sent_is_drawn_here(one: DrawingPool, tmp_path: Path) -> None:
    def local() -> str:
        return tiny()

    (path,) = one.draw(local, tmp_path / "figure", "png").result()
    assert path.read_text() == f"drawn by {os.getpid()}\n"


def test_what_a_figure_prints_appears(
    tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    with DrawingPool(1) as workers:
        workers.draw(printing, tmp_path / "figure", "png").result()
    assert capfd.readouterr().out == "drawing\n"


def printing() -> None:
    sys.stdout.write("drawing\n")


def test_nobody_waits_for_a_figure_that_is_wanted_no_more(tmp_path: Path) -> None:
    with DrawingPool(1) as workers:
        asked = [workers.draw(partial(time.sleep, 60), tmp_path / "slow", "png") for _ in range(2)]
        time.sleep(0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 20
    assert all(future.done() for future in asked)


def test_a_process_that_dies_is_replaced_by_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_PID", str(os.getpid()))
    with DrawingPool(1) as workers:
        for draw, said in ((dying, "drawn here"), (tiny, f"drawn by {os.getpid()}")):
            (path,) = workers.draw(draw, tmp_path / "figure", "png").result()
            assert path.read_text() == f"{said}\n"


PARENT = """
import os, signal, time
from functools import partial
from pathlib import Path
from runner.figures.drawing_pool import DrawingPool
workers = DrawingPool(2)
print(*(worker._process.pid for worker in workers._workers), flush=True)
workers.draw(str, Path("{text}"), "png").result()
workers.draw(partial(time.sleep, 60), Path("{text}"), "png")
time.sleep(0.5)
{end}
"""


@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), signal.SIGKILL)", "workers.__exit__(*3*[None])"]
)
def test_no_process_outlives_the_one_it_draws_for(end: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT.format(end=end, text=tmp_path / "text")]
    deadline = time.monotonic() + 40  # they hold its output, which is read until they end
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert time.monotonic() < deadline


def test_neither_ctrl_c_nor_a_network_reaches_them(one: DrawingPool, tmp_path: Path) -> None:
    (path,) = one.draw(session_and_modules, tmp_path / "known", "png").result()
    session, *heavy = path.read_text().split()
    assert int(session) != os.getsid(0)
    assert heavy == []


def session_and_modules() -> str:
    heavy = {"tensorflow", "keras", "mlflow"} & set(sys.modules)
    return " ".join([str(os.getsid(0)), *sorted(heavy)])


@pytest.mark.parametrize(
    ("cores", "share", "figures", "count"),
    [
        *[
            (1, "", 40, 0),
            (2, "", 4, 0),
            (2, "", 40, 2),
            (4, "", 4, 2),
            (16, "", 40, 8),
            (16, "", 4, 4),
        ],
        *[(16, "", 0, 0), (16, "", 1, 1), (16, "4", 40, 2), (16, "1", 40, 0)],
    ],
)
def test_few_cores_are_left_to_the_training_unless_there_is_much_to_draw(
    cores: int, share: str, figures: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    available: Callable[[int], Any] = lambda _: set(range(cores))  # noqa: E731
    monkeypatch.setattr(os, "sched_getaffinity", available)
    monkeypatch.setenv("OMP_NUM_THREADS", share)
    assert worker_count(figures) == count
