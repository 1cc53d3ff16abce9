"""Own parts, made from the very blocks of docs/extending.md in an empty folder."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from calling import call

from runner.__main__ import command_line
from runner.base.program_files import CONF

TEXT = (CONF.parent / "docs/extending.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`([\w/-]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)^```", TEXT, re.M | re.S))
TRAIN, SWEEP, ALL, INSPECT = re.findall(r"^\$ runner (.*)", TEXT, re.M)
SMALL = (
    *("dataset.train_images=120", "dataset.test_images=60", "training.batch_size=40"),
    *("model.filters=[4,8]", "device=cpu", "tracking.log_model=false"),
)
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the document, with a few images of noise."""
    folder = tmp_path_factory.mktemp("lab")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    random, arrays = np.random.default_rng(0), {}
    for split, size in {"train": 120, "test": 60}.items():
        arrays[f"{split}_images"] = random.integers(0, 256, (size, 32, 32, 3), np.uint8)
        arrays[f"{split}_labels"] = np.arange(size)[:, np.newaxis] % 10
    (folder / "data").mkdir()
    np.savez(folder / "data/cifar10.npz", allow_pickle=False, **arrays)
    return folder


def run_of(command: Command, line: str, lab: Path, *more: str) -> str:
    done = command(*shlex.split(line), *more, cwd=lab)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_document_has_one_example_of_each_kind() -> None:
    groups = {Path(name).parent.name for name in FILES if name.endswith(".yaml")}
    assert groups == {"augmentation", "baselines", "dataset", "figures", "model"}
    modules = {Path(name).stem for name in FILES if name.endswith(".py")}
    assert set(re.findall(r"_target_: (\w+)\.", TEXT)) == modules | {"runner"}


def said_of(line: str, *more: str) -> str:
    said = call(command_line, *shlex.split(line), *more)
    assert said.code == 0, said.error
    return said.out


def test_a_run_made_of_own_parts_alone_and_its_figure_drawn_later(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lab)
    out = said_of(ALL, *SMALL)
    assert "residual-my-cifar10" in out
    assert "nearest-mean" in out
    (folder,) = (lab / "outputs").glob("*-*-*/*-residual-my-cifar10*")
    drawn = folder / "figures/class-errors.png"
    before = drawn.read_bytes()
    again = folder / "figures-2/class-errors.png"
    assert f"desenhado {again}" in said_of(INSPECT)
    assert again.read_bytes() != before == drawn.read_bytes()  # class names are Portuguese now


def test_a_sweep_over_own_parts_in_worker_processes(command: Command, lab: Path) -> None:
    more = (*SMALL, "figures=[]", "hydra.launcher.n_jobs=2", "sweep.name=lab")
    run_of(command, SWEEP, lab, *more)
    reports = (lab / "outputs/sweeps/lab/jobs").glob("*/report.json")
    assert sorted(path.parent.name for path in reports) == ["blocks=1", "blocks=2"]


def test_the_examples_follow_the_style_of_the_program(lab: Path) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--config", str(CONF.parent / "pyproject.toml"), *map(str, lab.glob("*.py"))]
    for check in (["check"], ["format", "--check"]):
        done = subprocess.run([*ruff, *check, *settings], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout
