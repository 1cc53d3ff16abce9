"""Files that a network was trained on are told apart where their error is shown."""

from pathlib import Path

import keras
import pytest
from keras import layers
from PIL import Image

from predict.predicted_runs import Predict, keep, small

NOTE = "where the run's training data came from: this is no error on new data"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures in a folder for each digit, and a network that was trained on them."""
    for label in range(10):
        for name in ("a.png", "b.png"):
            path = tmp_path / "pictures" / str(label) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (28, 28), 20 * label).save(path)
    whole = (f"dataset.path={tmp_path / 'pictures'}", "dataset.shape=[28,28,1]")
    keep(small(), tmp_path / "trained", "dataset=folder", *whole)
    return tmp_path / "pictures"


def test_the_folder_of_the_training_images_is_named(predict: Predict, pictures: Path) -> None:
    run = pictures.with_name("trained")
    said = predict(run, pictures, "--truth", "folder")
    assert said.error.splitlines()[-1].startswith(
        f"note: all that was read is from {pictures}, {NOTE}"
    )
    said = predict(run, pictures, "--truth", "folder", "--language", "pt")
    assert f"nota: tudo o que foi lido é de {pictures}, de onde vieram os dados" in said.error
    assert "note" not in predict(run, pictures).error  # which shows no error


def test_files_from_elsewhere_are_new(predict: Predict, pictures: Path) -> None:
    run, other = pictures.with_name("trained"), pictures.with_name("new") / "3"
    other.mkdir(parents=True)
    Image.new("L", (28, 28)).save(other / "a.png")
    assert "note" not in predict(run, other, "--truth", "folder").error
    (other / "link.png").symlink_to(pictures / "3/a.png")
    said = predict(run, other, "--truth", "folder").error
    assert f"note: 1 of 2 files are from {pictures}" in said
    pictures.rename(pictures.with_name("moved"))
    said = predict(run, pictures.with_name("moved"), "--truth", "folder").error
    assert "20 wrong)" in said
    assert "note" not in said


def test_the_table_of_the_training_rows_is_named(predict: Predict, tmp_path: Path) -> None:
    rows = "".join(f"{n},{'low' if n < 10 else 'high'}\n" for n in range(20))
    (tmp_path / "table.csv").write_text(f"x,level\n{rows}")
    shape = layers.Input((1,))
    network = keras.Model(shape, layers.Dense(2, activation="softmax")(shape))
    keep(network, tmp_path / "run", "dataset=csv", f"dataset.path={tmp_path / 'table.csv'}")
    said = predict(tmp_path / "run", tmp_path / "table.csv", "--truth", "level")
    assert f"note: all that was read is from {tmp_path / 'table.csv'}, {NOTE}" in said.error
