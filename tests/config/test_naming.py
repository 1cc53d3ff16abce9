"""Names of runs say what was chosen, and what was changed in it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.base.errors import ConfigurationError
from runner.config.naming import job_name

NAMES = {
    "lenet-mnist": [],
    "cnn1": ["experiment=cnn1"],
    "cnn1+epochs-3+augmentation-flip": [
        *("experiment=cnn1", "training.epochs=3", "augmentation=flip"),
        *("seeds_together=1", "training.checkpoint_minutes=1"),
        *("figures=[]", "device=cpu", "tracking.log_model=false", "language=pt"),
    ],
    "lenet-fashion+filters-32-64+learning_rate-1e-4+seeds-3": [
        *("model=lenet", "dataset=fashion", "model.filters=[32,64]"),
        *("optimizer.learning_rate=1e-4", "seeds=3"),
    ],
    "cnn1+dataset-fashion+init_from-cnn1": [
        *("experiment=cnn1", "dataset=fashion", "init_from=outputs/2026-11-25/cnn1"),
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_named_by_what_differs(name: str, configure: Callable[..., Any]) -> None:
    assert configure(*NAMES[name]).tracking.run_name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_name_can_be_written_after_init_from(name: str, configure: Callable[..., Any]) -> None:
    assert configure(f"init_from={name}").init_from == name


def test_a_long_name_is_cut_and_stays_distinct(configure: Callable[..., Any]) -> None:
    long = [f"model.hidden_units=[{','.join(['100'] * 60)},{last}]" for last in (1, 2)]
    names = [configure("model=dense", one).tracking.run_name for one in long]
    assert len(set(names)) == 2
    assert all(len(name) <= 107 for name in names)


def test_a_name_too_long_ends_after_a_whole_part(configure: Callable[..., Any]) -> None:
    name = configure(
        *("model.pooling=average", "model.padding=same", "model.l2=1e-4", "training.epochs=1"),
        *("model.kernel_initializer=he_normal", "dataset.train_size=2000"),
    ).tracking.run_name
    assert name.startswith("lenet-mnist+pooling-average+padding-same+l2-1e-4+epochs-1+")
    assert len(name) <= 100
    assert re.search(r"\+kernel_initializer-he_normal\+[0-9a-f]{6}$", name)


def test_spaces_part_the_words_of_a_path(configure: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "alunos da turma.csv"
    file.write_text("a,b\n1,x\n2,y\n3,x\n4,y\n", encoding="utf-8")
    options = ("dataset=csv", f"dataset.path='{file}'", "model=dense", "training.batch_size=2")
    assert configure(*options).tracking.run_name.startswith("dense-csv+path-alunos-da-turma.csv+")


def test_what_is_left_out_is_said(configure: Callable[..., Any]) -> None:
    name = configure("experiment=cnn2", "model=dense", "~model.features_dropout").tracking.run_name
    assert name == "cnn2+model-dense+without-features_dropout"


def test_the_chosen_files_are_known(configure: Callable[..., Any]) -> None:
    choices = configure("model=dense", "optimizer=sgd").tracking.choices
    assert (choices["model"], choices["optimizer"], choices["experiment"]) == ("dense", "sgd", None)
    assert not [key for key in choices if "/" in key]


@pytest.mark.parametrize(
    "name", ["a:b", "what?", "a*b", 'say"', "a|b", "<a>", "nul", "COM1.txt", "a.", "a b "]
)
def test_a_name_that_windows_has_no_folder_for_is_refused(
    name: str, configure: Callable[..., Any]
) -> None:
    with pytest.raises(ConfigurationError, match="a name that a folder can have"):
        configure(f"tracking.experiment='{name}'")


@pytest.mark.parametrize("name", ["a b", "conv", "5-vs-6+mnist", "ação", "nullable", "a.b"])
def test_other_names_are_taken(name: str, configure: Callable[..., Any]) -> None:
    assert configure(f"tracking.experiment='{name}'").tracking.experiment == name


def test_the_name_of_a_run_has_no_dot_at_its_end(configure: Callable[..., Any]) -> None:
    name = configure("optimizer.learning_rate=1.").tracking.run_name
    assert name.startswith("lenet-mnist+learning_rate-1-")


def test_a_job_name_is_a_folder_name() -> None:
    assert job_name({"model": "lenet", "optimizer.learning_rate": "0.01"}) == (
        "model=lenet,learning_rate=0.01"
    )
    assert job_name({"model.filters": "[20,40]"}) == "filters=20-40"
    odd = [job_name({"dataset.data_dir": value}) for value in ("a/b", "a b", "x" * 300)]
    assert len(set(odd)) == 3
    assert all("/" not in name and len(name) < 120 for name in odd)
