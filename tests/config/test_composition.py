"""The command line: what it composes of files and overrides."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.config.run_config import Config
from runner.datasets import catalog
from runner.sweeps.preparation import check_command

from .test_mistakes import BLEND

Configure = Callable[..., Config]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "-m model=dense,lenet dataset=mnist,5-vs-6 training.epochs=1",
        "-m model=glob(*,exclude=inception*) seed=range(3)",
        "dataset=5-vs-6 training.loss=binary_crossentropy",
        "dataset=5-vs-6 training.loss=categorical_crossentropy training.label_smoothing=0.1",
        "callbacks=[early-stopping,checkpoint] dataset.validation_fraction=0.1",
        "augmentation=[none,shift4] figures=[]",
        f"{BLEND} dataset=weight-age model=dense training.batch_size=2",
        "model.kernel_size=[5,3] model.filters=[8,16]",
        "optimizer.learning_rate=1",
        "seeds=[5,3] seed=7",
        "dataset.train_size=60000 training.batch_size=60000",
        "dataset.data_dir=/somewhere tracking.uri=http://localhost:5000",
    ],
)
def test_what_can_be_run_is_accepted(line: str) -> None:
    check_command(line.split())


def test_targets_are_mixed_under_any_key(configure: Configure) -> None:
    assert configure(BLEND).soft_targets
    assert configure("augmentation=[affine,mixup]").soft_targets
    flip = "{_target_:runner.training.augmentation.geometry.flip,probability:0.5}"
    assert not configure(f"+augmentation.mixup={flip}").soft_targets


def test_the_seeds_are_those_asked_for(configure: Configure) -> None:
    assert configure("seed=4").all_seeds == [4]
    assert configure("seed=4", "seeds=3").all_seeds == [4, 5, 6]
    assert configure("seed=4", "seeds=[9,2]").all_seeds == [9, 2]


def test_what_data_sets_inherit_is_no_choice(command: Command, tmp_path: Path) -> None:
    done = command("dataset=bse", cwd=tmp_path)
    assert "weight-skin, xor)" in done.stderr
    assert "base" not in done.stderr
    assert "base" not in catalog.names()
    assert "base" not in command("--help", cwd=tmp_path, COLUMNS="120").stdout.split()


def test_cfg_shows_the_composed_configuration(command: Command, tmp_path: Path) -> None:
    done = command("dataset=fashion", "training.epochs=7", "--cfg", "job", cwd=tmp_path)
    assert done.returncode == 0
    assert "epochs: 7" in done.stdout
    assert "name: fashion" in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_command_line_does_not_depend_on_the_working_directory(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = configure("model=vgg-3x3")
    monkeypatch.chdir(tmp_path)
    os.makedirs("conf/model")  # noqa: PTH103
    Path("conf/model/vgg-3x3.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    assert configure("model=vgg-3x3") == expected
