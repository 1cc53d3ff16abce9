"""`dataset=folder dataset.path=...`: pictures of one's own, without a YAML file."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from runner import datasets
from runner.base.errors import ConfigurationError
from runner.config.component import as_plain
from runner.config.composition import compose_job
from runner.config.dataset_checks import parse_dataset
from runner.config.own_folders import class_folders
from runner.datasets import catalog


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for name in ("plate", "cup", ".cache"):
        (tmp_path / name).mkdir()
        for number in range(10):
            gray = np.full((20, 30), 10 * number, np.uint8)
            PIL.Image.fromarray(gray).save(tmp_path / name / f"{number}.png")
    return tmp_path


def test_the_folders_are_the_classes(pictures: Path) -> None:
    config = compose_job(["dataset=folder", f"dataset.path={pictures}", "dataset.shape=[8,8,1]"])
    assert config.dataset.class_names == {"en": ["cup", "plate"], "pt": ["cup", "plate"]}
    assert f"path-{pictures.name}"[:30] in config.tracking.run_name
    data = datasets.load(config.dataset)
    assert (len(data.train), len(data.test)) == (16, 4)
    assert data.train.images.shape[1:] == (8, 8, 1)


def test_without_a_folder_there_are_two_placeholders() -> None:
    assert len(class_folders(None)) == len(class_folders("/nowhere")) == 2


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "got none"),
        (("cup",), "got cup"),
        (("train", "validation"), "got train, validation; where train and test are apart"),
    ],
)
def test_a_folder_without_classes_is_refused(
    names: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    with pytest.raises(ConfigurationError, match=message):
        compose_job(["dataset=folder", f"dataset.path={tmp_path}"])


def test_a_file_for_a_folder_is_said_with_what_takes_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    with pytest.raises(ConfigurationError, match=r"it is a file; .* or dataset=csv for a table"):
        compose_job(["dataset=folder", f"dataset.path={tmp_path / 'a.csv'}"])
    with pytest.raises(ConfigurationError, match=r"it is a folder; .* or dataset=folder for pict"):
        compose_job(["dataset=csv", f"dataset.path={tmp_path}"])


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        compose_job(["dataset=folder", f"dataset.path={tmp_path / 'x'}"])


GIVE = "dataset=folder: give dataset.path=FOLDER, which holds a folder of pictures for each class"


def test_no_folder_at_all_is_said_with_what_to_give() -> None:
    for config in (compose_job(["dataset=folder"]).dataset, catalog.configured("folder")):
        with pytest.raises(ConfigurationError, match=f"^{GIVE}$"):
            datasets.load(config)


def test_an_empty_name_is_not_the_working_folder(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures)
    with pytest.raises(ConfigurationError, match=f"^{GIVE}$"):
        compose_job(["dataset=folder", "dataset.path="])


def test_a_data_directory_of_named_classes_takes_its_place(pictures: Path) -> None:
    names = "dataset.class_names={en:[cup,plate],pt:[cup,plate]}"
    config = compose_job(["dataset=folder", f"dataset.data_dir={pictures}", names]).dataset
    assert len(datasets.load(config).train) == 16


def test_what_a_run_was_trained_on_is_known_where_the_folder_is_no_longer(pictures: Path) -> None:
    config = compose_job(["dataset=folder", f"dataset.path={pictures}"]).dataset
    pictures.rename(pictures.with_name("moved"))
    assert parse_dataset(as_plain(config)) == config
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        datasets.load(config)
