"""Going on from a run: what was trained on there must not be tested or watched here."""

from collections.abc import Callable
from contextlib import chdir, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call
from omegaconf import OmegaConf

from runner import __main__ as program
from runner.base.errors import ConfigurationError
from runner.config import composition
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.source import Arrays, Source
from runner.run import leakage
from runner.run.init_from import InitFrom, find_init_from

Configure = Callable[..., Config]
ON = "dataset.validation_fraction=0.1"
TABLE = "dataset=weight-age training.batch_size=6"


def leave(folder: Path, command: str) -> None:
    """Leave what a run leaves in its folder, but for an empty network."""
    (folder / "configuration").mkdir()
    node = OmegaConf.create(composition.compose_plain(command.split()))
    OmegaConf.save(node, folder / "configuration/config.yaml")
    (folder / "model.keras").touch()


@pytest.fixture
def go_on(configure: Configure, tmp_path: Path) -> Callable[[str, str], InitFrom | None]:
    """Find, for a run of the second command line, what one of the first left in its folder."""

    def find(there: str, here: str) -> InitFrom | None:
        leave(tmp_path, there)
        return find_init_from(configure(*here.split(), f"init_from={tmp_path}"))

    return find


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("", ""),
        ("", "dataset.train_size=600 training.epochs=99"),
        ("dataset.train_size=600", ""),
        ("augmentation=affine", "augmentation=elastic optimizer=sgd"),
        ("", "training.epochs=0 baselines=[svm,random-forest] features.layer=pixels"),
        (ON, ON),
        (ON, f"{ON} training.epochs=0 evaluation.test=false"),
        (f"{ON} dataset.train_size=600", f"{ON} dataset.train_size=600 seed=3"),
        (ON, ""),
        ("", f"dataset=fashion {ON}"),
        (f"dataset=fashion {ON}", f"{ON} dataset.validation_seed=1"),
        ("dataset=shapes", "dataset=shapes dataset.data_dir=elsewhere"),
        ("dataset=shapes", "dataset=shapes dataset.source.split_seed=1 dataset.name=other"),
        ("dataset=shapes", "dataset=shapes-drawn dataset.source.seed=1"),
        ("dataset=shapes-drawn", "dataset=shapes-drawn dataset.test_images=90"),
        (TABLE, f"{TABLE} training.epochs=3"),
    ],
)
def test_what_wrongs_no_image_is_gone_on_from(
    there: str, here: str, go_on: Callable[[str, str], InitFrom | None]
) -> None:
    assert go_on(there, here) is not None


@pytest.mark.parametrize(
    ("there", "here", "part", "differing"),
    [
        (
            "dataset=shapes",
            "dataset=shapes dataset.source.split_seed=1",
            "test",
            "source.split_seed",
        ),
        (
            f"dataset=shapes {ON}",
            f"dataset=shapes {ON} dataset.source.test_fraction=0.3 evaluation.test=false",
            *("validation", "source.test_fraction"),
        ),
        (
            "dataset=shapes-drawn",
            "dataset=shapes-drawn dataset.source.seed=1",
            "test",
            "source.seed",
        ),
        (
            "dataset=cats-dogs",
            "dataset=cats-dogs dataset.source.test=cats_dogs/train",
            *("test", "source.test"),
        ),
        (
            TABLE,
            f"{TABLE} dataset.source.test=[[4,baby]] dataset.test_images=1",
            "test",
            "source.test",
        ),
        ("", ON, "validation", "validation_fraction"),
        (ON, "dataset.validation_fraction=0.2", "validation", "validation_fraction"),
        (ON, f"{ON} dataset.validation_seed=1", "validation", "validation_seed"),
        (ON, f"{ON} dataset.train_size=6000", "validation", "train_size"),
        (ON, f"dataset=5-vs-6 {ON}", "validation", "relabel"),
        ("dataset=mnist-14x14", f"dataset=mnist {ON}", "validation", "validation_fraction"),
    ],
)
def test_images_that_were_trained_on_are_not_held_out(
    there: str, here: str, part: str, differing: str, go_on: Callable[[str, str], InitFrom | None]
) -> None:
    with pytest.raises(ConfigurationError, match="init_from=") as refused:
        go_on(there, here)
    said = str(refused.value)
    items = "rows" if TABLE in there else "images"
    assert f"{items} it was trained on would be {part} {items} here: dataset." in said
    assert f"dataset.{differing} is " in said
    assert "\n" not in said
    assert len(said) < 400


def in_folds(*, fold: int, declared: bool, name: str = "x", skip_damaged: bool = False) -> Source:
    """A source that no one knew of when going on from a run was written."""
    images, labels = np.zeros((12, 4, 4, 1), np.uint8), np.arange(12) % 2

    def read(paths: list[Path], trust: bool) -> Arrays:
        test = np.arange(12) // 4 == fold
        return Arrays(images[~test], labels[~test], images[test], labels[test])

    return Source([], read, test_split={"fold": fold} if declared else None)


@pytest.mark.parametrize(
    ("declared", "changed", "refused"),
    [
        (True, {"fold": 1}, "dataset.source.fold is 0 there, 1 here"),
        (True, {"skip_damaged": True}, ""),
        (False, {"fold": 1}, "dataset.source.fold is 0 there, 1 here"),
        (False, {"skip_damaged": True}, "dataset.source.skip_damaged is False there, True here"),
        (False, {}, ""),
    ],
)
def test_a_source_declares_what_holds_its_test_images_out(
    declared: bool, changed: dict[str, Any], refused: str, configure: Configure
) -> None:
    here = configure()
    options = {"fold": 0, "declared": declared, "skip_damaged": False}
    there, other = (
        replace(here.dataset, source=Component(in_folds, options | of)) for of in ({}, changed)
    )
    with pytest.raises(ConfigurationError, match=refused) if refused else nullcontext():
        leakage.check_leakage(there, replace(here, dataset=other))


def test_where_nothing_is_held_out_nothing_is_wronged(configure: Configure) -> None:
    there, here = (
        configure("dataset=shapes", f"dataset.source.split_seed={seed}") for seed in (0, 1)
    )
    leakage.check_leakage(
        there.dataset, replace(here, evaluation=replace(here.evaluation, test=False))
    )


def test_of_a_mere_file_nothing_is_known(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "some.keras").touch()
    assert find_init_from(configure(ON, f"init_from={tmp_path}/some.keras")) is not None


def test_a_command_refuses_in_one_line_and_names_what_differs(tmp_path: Path) -> None:
    leave(tmp_path, "dataset=shapes")
    other = ("dataset=shapes", "dataset.source.split_seed=1", f"init_from={tmp_path}")
    with chdir(tmp_path):
        refusal = call(program.main, *other).refusal
    assert "dataset.source.split_seed is 0 there, 1 here; choose what it has there, or" in refusal
