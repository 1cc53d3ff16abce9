"""Readers of files, each with a whole file that it reads: what is mutated."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from building import BASE
from datasets.toy import idx
from PIL import Image

from fuzzing import run_files
from fuzzing.run_files import IMAGE, LABELS
from runner.base.cache import load_arrays
from runner.base.stored_files import read_json
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import OwnPictures
from runner.datasets.loader import read_dataset
from runner.datasets.picture_files import refusing_bombs
from runner.predict.inputs.input_files import InputReader
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.inspected_run import _history
from runner.run.run_page import run_page

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (8, 6, 5), np.uint8)
ROW = (3,)


@dataclass(frozen=True)
class Reader:
    """A reader of one kind of file.

    Attributes:
        name: of the kind.
        file: name of the file, which its reader may go by.
        write: writes a whole one to a path, and beside it what is read with it.
        read: reads it as the program does; may raise nothing but a RunnerError.
    """

    name: str
    file: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]


def _dataset(
    source: str,
    paths: Callable[[Path], list[Path]] = lambda path: [path],
    image: tuple[int, ...] = IMAGE,
    **options: Any,
) -> Callable[[Path], object]:
    """Return a reader of a toy data set."""
    plain = {
        "name": "toy",
        "title": "Toy",
        "shape": list(image),
        "class_names": {"en": ["many", "few"]},
        "train_images": None,
        "test_images": None,
        "source": {"_target_": f"runner.datasets.{source}"} | options,
    }
    return lambda path: read_dataset(parse_dataset(BASE | plain), paths(path), trust=False)


def _write_idx(path: Path, gzipped: bool = False) -> None:
    path.write_bytes(idx(IMAGES, gzipped))
    path.with_name("labels").write_bytes(idx(LABELS))


def _beside(path: Path) -> list[Path]:
    return [path, path.with_name("labels")] * 2


def _write_npz(path: Path) -> None:
    np.savez_compressed(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS)


MEMBERS = ["ax", "ay", "qx", "qy"]


def _write_tables(path: Path) -> None:
    rows = "\n".join(f"{n}.5 {n + 1}e-1 -{n}" for n in range(8))
    labels = "\n".join(str(n % 2) for n in range(8))
    with ZipFile(path, "w") as archive:
        for name in MEMBERS:
            archive.writestr(name, f"8 3\n{rows}\n" if name.endswith("x") else f"8 1\n{labels}\n")


def _picture(kind: str, mode: str = "RGB") -> Callable[[Path], object]:
    pixels = RANDOM.integers(0, 256, (20, 30, len(mode)), np.uint8).squeeze()
    return lambda path: Image.fromarray(pixels, mode).save(path, kind)


def _write_folder(path: Path) -> None:
    for name in ("many", "few"):
        for number in range(4):
            other = path.parent / "all" / name / f"{number}.png"
            other.parent.mkdir(parents=True, exist_ok=True)
            _picture("PNG")(other)
    _picture("PNG")(path)


def _read_folder(path: Path) -> object:
    shutil.copy(path, path.parent / "all/many/0.png")
    return _dataset(
        "folders.whole_folder",
        folder="all",
        classes=["many", "few"],
        shape=[6, 5, 3],
        test_fraction=0.25,
        split_seed=0,
        skip_damaged=False,
        image=(6, 5, 3),
        paths=lambda path: [path.parent / "all"],
    )(path)


def _input(shape: tuple[int, ...], truth: str | None = None) -> Callable[[Path], object]:
    frame = Frame(shape, OwnPictures())

    def read(path: Path) -> object:
        with refusing_bombs():
            return list(InputReader(frame, truth=truth).read(path))

    return read


ARRAYS = "array_files.array_files"
READERS = [
    Reader(
        "idx",
        "images",
        _write_idx,
        _dataset(ARRAYS, layouts=[["a", "b", "c", "d"]], paths=_beside),
    ),
    Reader(
        "idx.gz",
        "images.gz",
        partial(_write_idx, gzipped=True),
        _dataset(ARRAYS, layouts=[["a", "b", "c", "d"]], paths=_beside),
    ),
    Reader("npz", "a.npz", _write_npz, _dataset(ARRAYS, layouts=[["a.npz"]])),
    Reader(
        "zip of tables",
        "t.zip",
        _write_tables,
        _dataset("tables.zipped_tables", archive="t.zip", members=MEMBERS, columns=None, image=ROW),
    ),
    Reader(
        "CSV table",
        "t.csv",
        lambda path: path.write_text("a;b;c;kind\n" + "1,5;2;3;many\n-4;5e1;6;few\n" * 4),
        _dataset(
            "csv_tables.csv_table",
            file="t.csv",
            target=None,
            features=["a", "b", "c"],
            classes=["many", "few"],
            test_fraction=0.25,
            split_seed=0,
            image=ROW,
        ),
    ),
    Reader("folder of pictures", "first.png", _write_folder, _read_folder),
    *(
        Reader(f"picture {kind}", f"a.{suffix}", _picture(kind), _input((28, 28, 1)))
        for kind, suffix in {
            "PNG": "png",
            "JPEG": "jpg",
            "GIF": "gif",
            "BMP": "bmp",
            "WEBP": "webp",
            "TIFF": "tif",
        }.items()
    ),
    Reader("picture RGBA", "b.png", _picture("PNG", "RGBA"), _input((28, 28, 3))),
    Reader(
        "input npz",
        "i.npz",
        lambda path: np.savez(path, images=IMAGES, labels=LABELS),
        _input(IMAGE, "labels"),
    ),
    Reader("input npy", "i.npy", lambda path: np.save(path, IMAGES), _input(IMAGE)),
    Reader(
        "input CSV",
        "i.csv",
        lambda path: path.write_text("a,b,c,kind\n1,2,3,x\n4.5,-5e1,6,y\n"),
        _input(ROW, "kind"),
    ),
    Reader(
        "network keras",
        "n.keras",
        lambda path: run_files.small_network().save(path),
        run_files.read_network,
    ),
    Reader(
        "network h5",
        "n.h5",
        lambda path: run_files.small_network().save(path),
        run_files.read_network,
    ),
    Reader(
        "configuration",
        "run/configuration/config.yaml",
        run_files.write_run,
        run_files.read_configuration,
    ),
    Reader(
        "configuration resumed",
        "run/configuration/config.yaml",
        run_files.write_run,
        run_files.read_interrupted,
    ),
    Reader("report", "run/report.json", run_files.write_run, run_files.read_report),
    Reader(
        "report of seeds",
        "run/report.json",
        partial(run_files.write_run, several=True),
        run_files.read_report,
    ),
    Reader(
        "page of a run", "run/report.json", run_files.write_run, lambda path: run_page(path.parent)
    ),
    Reader("health", "run/health.npz", run_files.write_health, run_files.read_health),
    Reader("history", "run/history.json", run_files.write_run, lambda path: _history(path.parent)),
    Reader(
        "predictions", "predictions.npz", run_files.write_predictions, run_files.read_predictions
    ),
    Reader("checkpoint", "checkpoint.npz", run_files.write_checkpoint, run_files.read_checkpoint),
    Reader(
        "journal",
        ".tracking/abc.jsonl",
        run_files.write_journal,
        run_files.read_journal,
    ),
    Reader(
        "journal's state",
        ".tracking/abc.sent",
        run_files.write_journal,
        run_files.read_journal,
    ),
    Reader("run of a folder", "runs/abc.json", run_files.write_stored, run_files.read_stored),
    Reader("study", "study.db", run_files.write_study, run_files.read_study),
    Reader("cache", "cache.npz", _write_npz, load_arrays),
    Reader("JSON", "a.json", lambda path: path.write_text('{"a": [1, {"b": null}]}'), read_json),
]
