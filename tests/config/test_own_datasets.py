"""Mistakes in the YAML file of a data set of the user's own."""

from pathlib import Path

import pytest

from runner.base.errors import ConfigurationError
from runner.config.composition import compose_job
from runner.datasets import catalog

FILE = """# Mine.
defaults: [base/dataset@_here_, _self_]

name: mine
title: Mine
shape: [28, 28, 1]
class_names:
  en: [a, b, c]
train_images: 800
test_images: 400
source:
  _target_: runner.datasets.array_files.array_files
  layouts: [[mine.npz]]
  fitted_to: ${..shape}
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the data set, in a folder of the user's own."""
    path = tmp_path / "conf/dataset/mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def refused(own: Path, old: str, new: str) -> str:
    own.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        compose_job(["dataset=mine"])
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_file_itself_composes(own: Path) -> None:
    assert own.exists()
    assert compose_job(["dataset=mine"]).dataset.name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: mine", "nome: mine", "name is missing; there is no such option as nome"),
        ("name: mine\n", "", "name is missing"),
        ("shape: [28", "shap: [28", "shape is missing; there is no such option as shap"),
    ],
)
def test_a_key_that_is_missing_is_said_with_its_file(
    old: str, new: str, message: str, own: Path
) -> None:
    assert refused(own, old, new) == f"conf/dataset/mine.yaml: {message}"


def test_other_keys_are_said_with_the_data_set(own: Path) -> None:
    said = refused(own, "title: Mine", "titel: Mine")
    assert said == "dataset.title: a value is needed; dataset.titel: there is no such option"


def test_a_class_that_occurs_twice_is_refused(own: Path) -> None:
    said = refused(own, "[a, b, c]", "[a, b, a]")
    assert said.startswith("dataset.class_names=")
    assert said.endswith(": should name each of them once, got a twice in en")
    with pytest.raises(ConfigurationError, match="got a twice in en"):
        catalog.configured("mine")
