"""Files that are whole or not there, however their writing ends."""

import os
from pathlib import Path

import keras
import numpy as np
import pytest

from runner.base.atomic_files import filling, remove_parts, replacing, write_text
from runner.training.callbacks import checkpoint


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for text in ("first", "second é"):
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")
            assert part.parent == path.parent
            assert part.suffix == path.suffix
            assert path.exists() == (text != "first")
        assert path.read_text(encoding="utf-8") == text
    assert files(tmp_path) == ["table.csv"]


def test_an_error_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_text(path, "earlier")

    def fill() -> None:
        with replacing(path) as part:
            part.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fill()
    assert path.read_text(encoding="utf-8") == "earlier"
    assert files(tmp_path) == ["table.csv"]


def test_a_folder_is_filled_with_whole_files_beside_which_another_process_reads(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "fetched/run"

    def fail() -> None:
        with filling(folder) as part:
            (part / "half.txt").write_text("ha")
            raise OSError("full")

    for text in ("first", "second"):
        with filling(folder) as part:
            (part / "figures").mkdir()
            (part / "figures/roc.txt").write_text(text)
            assert (folder / "figures/roc.txt").exists() == (text != "first")
        with (folder / "figures/roc.txt").open() as read:
            with pytest.raises(OSError, match="full"):
                fail()
            assert read.read() == text
    assert files(folder) == ["figures"]
    assert files(folder.parent) == ["run"]


def test_what_is_flushed_is_open_for_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to flush a file that is open for reading alone."""
    fcntl = pytest.importorskip("fcntl", reason="how a file was opened is asked of Unix")
    modes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: modes.append(fcntl.fcntl(file, fcntl.F_GETFL)))
    write_text(tmp_path / "a.txt", "text")
    assert [mode & os.O_ACCMODE for mode in modes] == [os.O_RDWR]


def test_what_is_no_regular_file_is_written_to(tmp_path: Path) -> None:
    """`runner predict ... -o /dev/stdout` must not replace the terminal by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert files(tmp_path) == ["pipe"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "file.txt")
    write_text(tmp_path / "link.txt", "text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "file.txt").read_text(encoding="utf-8") == "text"


def test_leftovers_of_killed_writers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        patch.setattr(Path, "replace", lambda *_: None)
        write_text(tmp_path / "report.json", "{}")
        write_text(tmp_path / "figures/roc.png", "")
    for name in ("apart.txt", ".lock", "part.py"):
        (tmp_path / name).touch()
    assert len(files(tmp_path)) == 5
    remove_parts(tmp_path)
    assert files(tmp_path) == [".lock", "apart.txt", "figures", "part.py"]
    assert files(tmp_path / "figures") == []


def test_the_earlier_checkpoint_stays_whole_while_keras_writes_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras' own ModelCheckpoint opens the file that it replaces."""
    path = tmp_path / "checkpoint-3.keras"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    each = checkpoint(
        3, monitor="loss", save_best_only=True, path=str(tmp_path / "checkpoint-{seed}.keras")
    )
    each.set_model(model)
    each.on_epoch_begin(0)
    each.on_epoch_end(0, {"loss": 2.0})
    before = path.read_bytes()
    each.on_epoch_end(1, {"loss": 3.0})
    assert path.read_bytes() == before
    model.layers[0].kernel.assign_add(np.ones((2, 1)))

    def killed(part: Path, _: Path) -> None:
        assert part.stat().st_size
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            each.on_epoch_end(2, {"loss": 1.0})
    assert path.read_bytes() == before
    each.on_epoch_end(3, {"loss": 0.5})
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.layers[0].kernel, model.layers[0].kernel)
    assert files(tmp_path) == ["checkpoint-3.keras"]
