"""Readers of files, each with a whole file that it reads: what is mutated."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import keras
import numpy as np
from building import BASE
from datasets.toy import idx
from omegaconf import OmegaConf
from PIL import Image

from runner.base.cache import load_arrays
from runner.base.stored_files import read_json
from runner.config import composition
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import OwnPictures
from runner.datasets.loader import read_dataset
from runner.datasets.picture_files import refusing_bombs
from runner.evaluation.predictions_file import load_predictions
from runner.figures.training_health import HealthHistory, draw_health
from runner.models.network_digest import network_digest
from runner.models.saved_networks import check_input, check_output, load_network
from runner.predict.inputs.input_files import InputReader
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.inspected_run import _history
from runner.run.resume import find_interrupted
from runner.run.run_page import run_page
from runner.sweeps.report.comparison import errors_of
from runner.sweeps.report.ensemble_members import find_member
from runner.sweeps.study import open_study
from runner.tracking.folder_store import FolderStore
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_records import configuration, is_abandoned, recorded_run
from runner.tracking.trained_network import find_network
from runner.training.checkpoint import Checkpoint, Checkpoints
from runner.training.observer import History, Observer

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (8, 6, 5), np.uint8)
LABELS = np.array([0, 1] * 4, np.uint8)
IMAGE, ROW = (6, 5, 1), (3,)


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


@cache
def _network() -> keras.Model:
    keras.utils.set_random_seed(0)
    pixels = keras.Input(IMAGE)
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(2, 3, activation="relu")(x)
    x = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(x))
    network = keras.Model(pixels, x)
    network.compile("adam", "sparse_categorical_crossentropy")
    network.optimizer.build(network.trainable_variables)
    return network


def _read_network(path: Path) -> None:
    network_digest(path)
    network = load_network(path)
    check_input(network, IMAGE, path.name)
    check_output(network, parse_dataset(_plain()["dataset"]).task(), path.name)
    load_network(path, with_optimizer=True)


@cache
def _plain() -> dict[str, Any]:
    plain = composition.compose_job([]).as_plain()
    plain["dataset"]["class_names"] = {"en": ["many", "few"], "pt": ["muitos", "poucos"]}
    return plain


REPORT: dict[str, Any] = {
    **{"seed": 0, "test_error": 0.5, "test_errors": 4, "test_images": 8, "epochs": 2},
    **{"train_seconds": 1.5, "compile_seconds": 1.0, "parameters": 18},
    "features": {"layer": "pixels", "count": 4, "images": 8},
    "learners": {"svm": {"test_error": 0.5, "fit_seconds": 0.1, "predict_seconds": 0.1}},
}


def _write_run(path: Path, several: bool = False) -> None:
    folder = path.parent.parent if path.name == "config.yaml" else path.parent
    (folder / "configuration").mkdir(exist_ok=True)
    OmegaConf.save(OmegaConf.create(_plain()), folder / "configuration/config.yaml")
    seeds = [folder / f"seed-{seed}" for seed in (0, 1)] if several else [folder]
    report = json.dumps(REPORT)
    for seed in seeds:
        seed.mkdir(exist_ok=True)
        _network().save(seed / "model.keras")
        (seed / "history.json").write_text('{"loss": [1.0, 0.5], "val_loss": [1.1, 0.6]}')
        (seed / "environment.json").write_text('{"keras": "3", "python": "3.11"}')
        (seed / "report.json").write_text(report)
        _write_predictions(seed / "predictions.npz")
    if several:
        second = report.replace('"seed": 0', '"seed": 1')
        text = f'{{"seeds": [{report}, {second}], "test_error": {{"mean": 0.5, "sd": 0}}}}'
        (folder / "report.json").write_text(text)


def _write_predictions(path: Path) -> None:
    probabilities = np.full((8, 2), 0.5, np.float32)
    np.savez_compressed(
        path,
        labels=LABELS.astype(np.int64),
        predictions=LABELS.astype(np.int64),
        probabilities=probabilities,
        tta_probabilities=probabilities,
        examples=np.array("abc"),
    )


def _write_health(path: Path) -> None:
    history = HealthHistory()
    history.layers, history.count = ["a", "b"], 7
    history.values = {name: [[0.5, 0.25], [0.25, 0.5]] for name in history.values}
    path.parent.mkdir(exist_ok=True)
    history.save(path.parent)


def _read_health(path: Path) -> None:
    history = HealthHistory.load(path.parent)
    assert history is not None
    draw_health(history, 10)


def _read_predictions(path: Path) -> None:
    found = load_predictions(path)
    if found is not None:
        found.errors("test")
        found.of_same_images(found)


def _empty_store(run: Path) -> str:
    folder = run.parent / "runs"
    folder.mkdir(exist_ok=True)
    return str(folder)


def _read_configuration(path: Path) -> None:
    folder = path.parent.parent
    trained = find_network(str(folder), uri=_empty_store(folder))
    trained.dataset(None)
    trained.own_dataset()
    assert trained.language
    assert trained.missing_seeds == []
    for part in ("augmentation", "figures", "evaluation"):
        trained.configured(part)


def _read_interrupted(path: Path) -> None:
    folder = path.parent.parent
    find_interrupted(str(folder), uri=_empty_store(folder))


def _read_report(path: Path) -> None:
    store = _empty_store(path.parent)
    errors_of(str(path.parent), store)
    find_member(str(path.parent), store)


def _write_checkpoint(path: Path) -> None:
    callback = keras.callbacks.EarlyStopping()
    callback.set_model(_network())
    callback.on_train_begin()
    writer = Checkpoints(path, 0, "print")
    writer.begin(History(), Observer())
    writer.enter(History(), _network().variables, [callback])
    writer.epoch_ended()


def _read_checkpoint(path: Path) -> None:
    Checkpoint.read(path)
    reader = Checkpoints(path, None, "print")
    history = History()
    reader.begin(history, Observer())
    callback = keras.callbacks.EarlyStopping()
    callback.set_model(_network())
    callback.on_train_begin()
    variables = [keras.Variable(variable) for variable in _network().variables]
    reader.enter(history, variables, [callback])


def _write_journal(path: Path) -> None:
    index = JournalIndex(path.parent.parent, None)
    journal = index.add(path.stem, None)
    journal.append(
        "open", name="run", uri=None, experiment="e", parent="", tags={"process": "a 1 2"}
    )
    journal.append("log_configuration", configuration={"seed": 0})
    journal.append("log_epoch", epoch=0, metrics={"loss": 1.0})
    journal.append("set_tags", tags={"a": "b"})
    journal.append("end", status="FINISHED")
    journal.note_sent(10, "abc")


def _read_journal(path: Path) -> None:
    index = JournalIndex(path.parent.parent, None)
    for journal in [*index.journals(), *index.unsent(), *index.of_all_stores()]:
        recorded_run(journal, index)
        configuration(journal)
        is_abandoned(journal)
        assert journal.unsent >= 0


def _write_stored(path: Path) -> None:
    store = FolderStore(path.parent, "e")
    with store.open("run", {"level": "job", "sweep": "s", "choices": "{}"}) as run:
        run.log_metrics({"test_error": 0.5})
    stored = path.parent / f"{run.run_id}.json"
    path.write_text(stored.read_text().replace(run.run_id, path.stem))
    stored.unlink()


def _read_stored(path: Path) -> None:
    store = FolderStore(path.parent, "e")
    store.end_dead()
    for run in store.find({"level": "job"}, status="FINISHED"):
        assert run.folder is None or run.folder.is_dir()
        store.configuration(run)


def _read_study(path: Path) -> None:
    study = open_study(f"sqlite:///{path}", "s", 3, 1)
    study.get_trials()
    study.tell(study.ask({}), 0.5)


def _write_study(path: Path) -> None:
    import optuna

    study = open_study(f"sqlite:///{path}", "s", 3, 1)
    for number in range(3):
        trial = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
        trial.set_user_attr("choices", {"x": str(number)})
        study.tell(trial, number)


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
    Reader("network keras", "n.keras", lambda path: _network().save(path), _read_network),
    Reader("network h5", "n.h5", lambda path: _network().save(path), _read_network),
    Reader("configuration", "run/configuration/config.yaml", _write_run, _read_configuration),
    Reader("configuration resumed", "run/configuration/config.yaml", _write_run, _read_interrupted),
    Reader("report", "run/report.json", _write_run, _read_report),
    Reader("report of seeds", "run/report.json", partial(_write_run, several=True), _read_report),
    Reader("page of a run", "run/report.json", _write_run, lambda path: run_page(path.parent)),
    Reader("health", "run/health.npz", _write_health, _read_health),
    Reader("history", "run/history.json", _write_run, lambda path: _history(path.parent)),
    Reader("predictions", "predictions.npz", _write_predictions, _read_predictions),
    Reader("checkpoint", "checkpoint.npz", _write_checkpoint, _read_checkpoint),
    Reader(
        "journal",
        ".tracking/abc.jsonl",
        _write_journal,
        _read_journal,
    ),
    Reader(
        "journal's state",
        ".tracking/abc.sent",
        _write_journal,
        _read_journal,
    ),
    Reader("run of a folder", "runs/abc.json", _write_stored, _read_stored),
    Reader("study", "study.db", _write_study, _read_study),
    Reader("cache", "cache.npz", _write_npz, load_arrays),
    Reader("JSON", "a.json", lambda path: path.write_text('{"a": [1, {"b": null}]}'), read_json),
]
