"""Files that runs and searches leave behind: written whole, and read as the program reads them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import optuna
from omegaconf import OmegaConf

from runner.config import composition
from runner.config.dataset_checks import parse_dataset
from runner.evaluation.predictions_file import load_predictions
from runner.figures.training_health import HealthHistory, draw_health
from runner.models.network_digest import network_digest
from runner.models.saved_networks import check_input, check_output, load_network
from runner.run.resume import find_interrupted
from runner.sweeps.report.comparison import errors_of
from runner.sweeps.report.ensemble_members import find_member
from runner.sweeps.study import open_study
from runner.tracking.folder_store import FolderStore
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_records import configuration, is_abandoned, recorded_run
from runner.tracking.network_finder import find_network
from runner.training.checkpoint import Checkpoints
from runner.training.checkpoint_file import Checkpoint
from runner.training.observer import History, Observer

IMAGE = (6, 5, 1)
LABELS = np.array([0, 1] * 4, np.uint8)


@cache
def small_network() -> keras.Model:
    keras.utils.set_random_seed(0)
    pixels = keras.Input(IMAGE)
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(2, 3, activation="relu")(x)
    x = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(x))
    network = keras.Model(pixels, x)
    network.compile("adam", "sparse_categorical_crossentropy")
    network.optimizer.build(network.trainable_variables)
    return network


def read_network(path: Path) -> None:
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


def write_run(path: Path, several: bool = False) -> None:
    folder = path.parent.parent if path.name == "config.yaml" else path.parent
    (folder / "configuration").mkdir(exist_ok=True)
    OmegaConf.save(OmegaConf.create(_plain()), folder / "configuration/config.yaml")
    seeds = [folder / f"seed-{seed}" for seed in (0, 1)] if several else [folder]
    report = json.dumps(REPORT)
    for seed in seeds:
        seed.mkdir(exist_ok=True)
        small_network().save(seed / "model.keras")
        (seed / "history.json").write_text('{"loss": [1.0, 0.5], "val_loss": [1.1, 0.6]}')
        (seed / "environment.json").write_text('{"keras": "3", "python": "3.11"}')
        (seed / "report.json").write_text(report)
        write_predictions(seed / "predictions.npz")
    if several:
        second = report.replace('"seed": 0', '"seed": 1')
        text = f'{{"seeds": [{report}, {second}], "test_error": {{"mean": 0.5, "sd": 0}}}}'
        (folder / "report.json").write_text(text)


def write_predictions(path: Path) -> None:
    probabilities = np.full((8, 2), 0.5, np.float32)
    np.savez_compressed(
        path,
        labels=LABELS.astype(np.int64),
        predictions=LABELS.astype(np.int64),
        probabilities=probabilities,
        tta_probabilities=probabilities,
        examples=np.array("abc"),
    )


def write_health(path: Path) -> None:
    history = HealthHistory()
    history.layers, history.count = ["a", "b"], 7
    history.values = {name: [[0.5, 0.25], [0.25, 0.5]] for name in history.values}
    path.parent.mkdir(exist_ok=True)
    history.save(path.parent)


def read_health(path: Path) -> None:
    history = HealthHistory.load(path.parent)
    assert history is not None
    draw_health(history, 10)


def read_predictions(path: Path) -> None:
    found = load_predictions(path)
    if found is not None:
        found.errors("test")
        found.of_same_images(found)


def _empty_store(run: Path) -> str:
    folder = run.parent / "runs"
    folder.mkdir(exist_ok=True)
    return str(folder)


def read_configuration(path: Path) -> None:
    folder = path.parent.parent
    trained = find_network(str(folder), uri=_empty_store(folder))
    trained.dataset(None)
    trained.own_dataset()
    assert trained.language
    assert trained.missing_seeds == []
    for part in ("augmentation", "figures", "evaluation"):
        trained.configured(part)


def read_interrupted(path: Path) -> None:
    folder = path.parent.parent
    find_interrupted(str(folder), uri=_empty_store(folder))


def read_report(path: Path) -> None:
    store = _empty_store(path.parent)
    errors_of(str(path.parent), store)
    find_member(str(path.parent), store)


def write_checkpoint(path: Path) -> None:
    callback = keras.callbacks.EarlyStopping()
    callback.set_model(small_network())
    callback.on_train_begin()
    writer = Checkpoints(path, 0, "print")
    writer.begin(History(), Observer())
    writer.enter(History(), small_network().variables, [callback])
    writer.epoch_ended()


def read_checkpoint(path: Path) -> None:
    Checkpoint.read(path)
    reader = Checkpoints(path, None, "print")
    history = History()
    reader.begin(history, Observer())
    callback = keras.callbacks.EarlyStopping()
    callback.set_model(small_network())
    callback.on_train_begin()
    variables = [keras.Variable(variable) for variable in small_network().variables]
    reader.enter(history, variables, [callback])


def write_journal(path: Path) -> None:
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


def read_journal(path: Path) -> None:
    index = JournalIndex(path.parent.parent, None)
    for journal in [*index.journals(), *index.unsent(), *index.of_all_stores()]:
        recorded_run(journal, index)
        configuration(journal)
        is_abandoned(journal)
        assert journal.unsent >= 0


def write_stored(path: Path) -> None:
    store = FolderStore(path.parent, "e")
    with store.open("run", {"level": "job", "sweep": "s", "choices": "{}"}) as run:
        run.log_metrics({"test_error": 0.5})
    stored = path.parent / f"{run.run_id}.json"
    path.write_text(stored.read_text().replace(run.run_id, path.stem))
    stored.unlink()


def read_stored(path: Path) -> None:
    store = FolderStore(path.parent, "e")
    store.end_dead()
    for run in store.find({"level": "job"}, status="FINISHED"):
        assert run.folder is None or run.folder.is_dir()
        store.configuration(run)


def read_study(path: Path) -> None:
    study = open_study(f"sqlite:///{path}", "s", 3, 1)
    study.get_trials()
    study.tell(study.ask({}), 0.5)


def write_study(path: Path) -> None:
    study = open_study(f"sqlite:///{path}", "s", 3, 1)
    for number in range(3):
        trial = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
        trial.set_user_attr("choices", {"x": str(number)})
        study.tell(trial, number)
