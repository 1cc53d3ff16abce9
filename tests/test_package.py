"""The wheel: what it holds, and the program run from it in an empty folder."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml  # type: ignore[import-untyped]

from runner.__main__ import command_line
from runner.base.program_files import CONF, DISTRIBUTION

ROOT = CONF.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUN = (
    *("model=lenet", "dataset=fashion", "training.epochs=1", "dataset.train_size=500"),
    *("device=cpu", "figures=[confusion-matrix]"),
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the working tree; hatchling leaves nothing there."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, check=False)
    if done.returncode and b"hatchling" in done.stderr:
        pytest.skip("the build backend cannot be downloaded")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed into, beside the libraries of this environment."""
    target = tmp_path_factory.mktemp("installed")
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", str(target)]
    subprocess.run([*install, str(wheel)], check=True)
    return target


def said(installed: Path, *arguments: str, cwd: Path) -> str:
    """Return what Python says that has the installed program."""
    environment = {name: value for name, value in os.environ.items() if name != "RUNNER_DATA"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_and_the_name_are_those_of_the_project() -> None:
    assert PROJECT["name"] == DISTRIBUTION
    value = PROJECT["scripts"]["runner"]
    assert EntryPoint("runner", value, "console_scripts").load() is command_line


def test_the_version_stands_the_same_in_citation_and_changelog() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert PROJECT["version"] in re.findall(r"^## \[(.+)\]", changelog, re.M)


@pytest.mark.slow
def test_the_wheel_holds_what_the_program_needs(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    git = ["git", "-C", str(ROOT), "ls-files", "runner", "conf", "data"]
    tracked = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split()
    expected = {name if name.startswith("runner/") else f"runner/{name}" for name in tracked}
    assert expected <= names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"runner", f"{DISTRIBUTION.replace('-', '_')}-{PROJECT['version']}.dist-info"}


@pytest.mark.slow
def test_a_run_and_the_other_commands_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    def runner(*arguments: str) -> str:
        return said(installed, str(installed / "bin/runner"), *arguments, cwd=tmp_path)

    assert "test error" in runner(*RUN)
    (folder,) = (tmp_path / "outputs").glob("*-*-*/*-lenet-fashion*")
    drawn = folder / "figures/confusion-matrix.png"
    assert drawn.is_file()
    told = runner("--help")
    assert "| predict |" in told
    assert "\n  runner ui\n" in told
    assert "drawn" in runner("inspect", "latest", "misclassified")
    assert '"probabilities"' in runner("predict", "latest", str(drawn), "--format", "json")
    assert f"{installed}/runner/data/fashion-mnist.npz is right" in runner("datasets", "verify")
    assert runner("report") == ""
    assert "epochs: 1" in said(installed, "-m", "runner", *RUN, "--cfg", "job", cwd=tmp_path)
