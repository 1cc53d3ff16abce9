"""From the command line to files and MLflow: real runs on real data, small ones."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import mlflow
import numpy as np
import pytest
from calling import call

from run.mlflow_runs import SMALL, metrics, runs
from runner import __main__ as program
from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import CONF
from runner.datasets.splits import Dataset
from runner.models.network_digest import network_digest
from runner.run import experiment
from runner.run.init_from import find_init_from
from runner.run.run_display import show_whereabouts
from runner.run.run_page import run_page
from runner.sweeps.plan import Grid
from runner.sweeps.preparation import prepare_sweep
from runner.tracking.network_finder import find_network
from runner.training.trainer import Trainer

ROOT = CONF.parent
Command = Callable[..., "subprocess.CompletedProcess[str]"]
NETWORK = ("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]")
BARE = ("figures=[]", "tracking.log_model=false")


@dataclass(frozen=True)
class Ran:
    """A run that is over: its exit code, its folder, and its MLflow run."""

    code: int
    folder: Path
    run: Any

    @property
    def report(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return content

    @property
    def predictions(self) -> Any:
        return np.load(self.folder / "predictions.npz", allow_pickle=False)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory that the runs of this module share, as a student's do."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def ran(workspace: Path) -> Callable[..., Ran]:
    """Run the program with arguments in the workspace."""

    def run(*arguments: str) -> Ran:
        known = {path.parent for path in workspace.glob("outputs/*/*/configuration")}
        with chdir(workspace):
            said = call(program.main, *arguments)
        new = {path.parent for path in workspace.glob("outputs/*/*/configuration")} - known
        top = [run for run in runs(workspace) if "mlflow.parentRunId" not in run.data.tags]
        return Ran(said.code, new.pop(), top[0])

    return run


@pytest.fixture(scope="module")
def fashion(ran: Callable[..., Ran]) -> Ran:
    return ran("dataset=fashion", "dataset.validation_fraction=0.1", *NETWORK, *SMALL)


# --- one run ---------------------------------------------------------------------------------


def test_a_run_leaves_a_page_and_logs_it(fashion: Ran, workspace: Path) -> None:
    text = (fashion.folder / "report.html").read_text()
    assert f"{100 * fashion.report['test_error']:.2f} % (" in text
    assert "python -m runner dataset=fashion dataset.validation_fraction=0.1 model=lenet" in text
    for figure in (fashion.folder / "figures").glob("*.png"):
        assert f'alt="{figure.stem}: ' in text
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    logged = client.list_artifacts(fashion.run.info.run_id)
    assert "report.html" in {file.path for file in logged}


def test_a_run_leaves_its_files(fashion: Ran) -> None:
    assert fashion.code == 0
    for name in ("report.json", "history.json", "predictions.npz", "model.keras"):
        assert (fashion.folder / name).stat().st_size > 0
    figures = {path.stem for path in (fashion.folder / "figures").iterdir()}
    assert {"learning-curves", "confusion-matrix", "misclassified", "first-test-images"} <= figures
    composed = (fashion.folder / "configuration/config.yaml").read_text(encoding="utf-8")
    assert "train_size: 600" in composed


@pytest.mark.parametrize("own", [True, False])
def test_it_says_where_runs_are_compared(own: bool, tmp_path: Path) -> None:
    store = () if own else (f"tracking.uri=sqlite:///{tmp_path}/other.db",)
    with chdir(tmp_path):
        said = call(program.main, "model=dense", *SMALL, *BARE, *store).out
    address = "http://127.0.0.1:5000/#/experiments/1/runs"
    (run,) = runs(tmp_path) if own else (None,)
    assert ("serve     python -m runner ui\n" in said) == own
    assert f"{address}/{run.info.run_id if run else 'its id'}?" in said or not own
    assert (f"{address}?workflowType=machine_learning&viewStateShareKey=runs" in said) == own
    assert ("in the MLflow UI of tracking.uri" in said) == (not own)


def test_the_report_says_what_was_promised(fashion: Ran) -> None:
    report, predictions = fashion.report, fashion.predictions
    wrong = int((predictions["predictions"] != predictions["labels"]).sum())
    assert report["test_errors"] == wrong
    assert report["test_error"] == wrong / 10_000
    assert 0 < report["test_error"] < 0.85
    assert report["test_images"] == 10_000
    assert len(report["epoch_seconds"]) == report["epochs"] == 2
    assert report["train_seconds"] == pytest.approx(sum(report["epoch_seconds"]))
    assert report["predict_seconds"] > 0
    assert report["parameters"] == 26 * 4 + 101 * 6 + 97 * 16 + 17 * 10
    assert set(report["class_errors"]) >= {"T-shirt", "Ankle boot"}
    boots = report["classes"]["Ankle boot"]
    assert boots["recall"] == pytest.approx(1 - report["class_errors"]["Ankle boot"])
    assert boots["support"] == 1_000
    text = (fashion.folder / "classes.txt").read_text(encoding="utf-8")
    assert f"{report['macro']['f1']:.4f}" in text
    assert 0 <= report["validation_error"] <= 1
    assert "auc" not in report


def test_without_a_test_what_needs_no_test_images_is_drawn(tmp_path: Path) -> None:
    figures = "figures=[learning-curves,first-filters,confusion-matrix,predicted-against-true]"
    untested = ("evaluation.test=false", "dataset.validation_fraction=0.1")
    with chdir(tmp_path):
        said = call(program.main, *NETWORK, *SMALL, figures, *untested, "tracking.log_model=false")
    assert said.code == 0, said.error
    drawn = {path.stem for path in tmp_path.glob("outputs/*/*/figures/*")}
    assert drawn == {"learning-curves", "first-filters"}
    line = "not drawn confusion-matrix, predicted-against-true: evaluation.test=false\n"
    assert said.out.count(line) == 1


def test_predictions_are_kept_in_stored_order(fashion: Ran) -> None:
    kept = fashion.predictions
    assert kept["probabilities"].shape == (10_000, 10)
    np.testing.assert_array_equal(kept["probabilities"].argmax(axis=1), kept["predictions"])
    assert kept["labels"][:5].tolist() == [9, 2, 1, 1, 6]  # Fashion-MNIST's first test labels


def fashion_images(configure: Callable[..., Any]) -> Any:
    return datasets.load(configure("dataset=fashion").dataset).test.images[:50].astype(np.float32)


def test_the_saved_network_predicts_what_was_reported(
    fashion: Ran, configure: Callable[..., Any]
) -> None:
    network = keras.saving.load_model(fashion.folder / "model.keras", safe_mode=True)
    given = np.asarray(network(fashion_images(configure)))
    np.testing.assert_allclose(given, fashion.predictions["probabilities"][:50], atol=1e-5)


def test_history_has_every_epoch(fashion: Ran) -> None:
    history = json.loads((fashion.folder / "history.json").read_text())
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert {len(values) for values in history.values()} == {2}


def test_mlflow_has_parameters_metrics_and_tags(fashion: Ran, workspace: Path) -> None:
    run, history = fashion.run, json.loads((fashion.folder / "history.json").read_text())
    assert run.info.status == "FINISHED"
    assert run.data.params == {
        **{"dataset": "fashion", "model": "lenet", "optimizer": "adam", "schedule": "constant"},
        **{"learning_rate": "0.001", "batch_size": "100", "epochs": "2", "seed": "0"},
        **{"filters": "[4, 6]", "hidden_units": "[16]"},
        **{"train_size": "600", "validation_fraction": "0.1"},
    }
    named = {"loss": "train_loss", "accuracy": "train_accuracy", "val_loss": "validation_loss"}
    named |= {"val_accuracy": "validation_accuracy", "learning_rate": "learning_rate"}
    for name, values in history.items():
        assert metrics(workspace, run, named[name]) == list(enumerate(values, 1))
    for name in ("test_error", "train_seconds", "predict_seconds", "parameters", "epochs"):
        assert run.data.metrics[name] == pytest.approx(fashion.report[name])
    assert run.data.metrics["macro_f1"] == fashion.report["macro"]["f1"]
    best = int(np.argmax(history["val_accuracy"]))
    assert run.data.metrics["best_epoch"] == best + 1
    assert run.data.metrics["best_validation_error"] == 1 - history["val_accuracy"][best]
    for name in ("test_loss", "fitted_loss", "fitted_error"):
        assert run.data.metrics[name] == fashion.report[name]
    assert len(run.data.metrics) <= 18
    place = Path(run.info.artifact_uri.removeprefix("file://"))
    table = json.loads((place / "classes.json").read_text())
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    boots = next(row for row in rows if row["class"] == "Ankle boot")
    assert boots["error"] == fashion.report["class_errors"]["Ankle boot"]
    expected = fashion.report["classes"]["Ankle boot"]
    assert {key: boots[key] for key in expected} == pytest.approx(expected)
    tags = run.data.tags
    assert tags["tensorflow"].startswith("2.")
    assert tags["keras"].startswith("3.")
    assert {"python", "gpu", "cuda", "cudnn", "cpu", "memory"} <= set(tags)
    digests = {"x_train", "y_train", "x_test", "y_test"}
    assert digests <= set(tags)
    assert all(len(tags[name]) == 64 for name in digests)
    if shutil.which("git") and (ROOT / ".git").exists():
        assert len(tags["git_commit"]) == 40
        assert tags["git_dirty"] in ("true", "false")


def test_mlflow_has_the_files_and_the_network(
    fashion: Ran, workspace: Path, configure: Callable[..., Any]
) -> None:
    place = Path(fashion.run.info.artifact_uri.removeprefix("file://"))
    assert place.is_absolute()
    assert place.is_relative_to(workspace / "outputs/artifacts")
    assert json.loads((place / "report.json").read_text()) == fashion.report
    assert (place / "predictions.npz").is_file()
    drawn = {path.name for path in (fashion.folder / "figures").iterdir()}
    assert {path.name for path in (place / "figures").iterdir()} == drawn
    mlflow.set_tracking_uri(f"sqlite:///{workspace}/outputs/mlflow.db")
    images = fashion_images(configure)
    model = mlflow.pyfunc.load_model(f"runs:/{fashion.run.info.run_id}/lenet")
    assert model.metadata.signature.inputs.inputs[0].shape == (-1, 28, 28, 1)
    assert model.metadata.signature.outputs.inputs[0].shape == (-1, 10)
    given = np.asarray(model.predict(images))
    np.testing.assert_allclose(given, fashion.predictions["probabilities"][:50], atol=1e-5)


def test_the_same_seed_gives_the_same_predictions(fashion: Ran, ran: Callable[..., Ran]) -> None:
    same = ("dataset=fashion", "dataset.validation_fraction=0.1", *NETWORK, *SMALL, *BARE)
    again, other = ran(*same), ran(*same, "seed=1")
    for name in ("labels", "predictions", "probabilities"):
        np.testing.assert_array_equal(again.predictions[name], fashion.predictions[name])
    assert not np.array_equal(
        other.predictions["probabilities"], again.predictions["probabilities"]
    )
    assert not (again.folder / "figures").exists()


def test_class_names_in_portuguese_are_logged(ran: Callable[..., Ran]) -> None:
    done = ran("dataset=pullover-binary", "language=pt", "model=dense", *SMALL, *BARE)
    assert done.code == 0
    assert done.run.info.status == "FINISHED"
    place = Path(done.run.info.artifact_uri.removeprefix("file://"))
    assert "Pulôver" in [row[0] for row in json.loads((place / "classes.json").read_text())["data"]]


# --- several seeds, two classes, sweeps ------------------------------------------------------


@pytest.fixture(scope="module")
def seeds(ran: Callable[..., Ran]) -> Ran:
    views = ("dataset.validation_fraction=0.1", "evaluation.tta=shift")
    two = ("dataset=5-vs-6", "seeds=2", "seed=3", "figures=[roc]", *views)
    return ran(*two, "model=dense", "model.hidden_units=[16]", *SMALL)


def test_several_seeds_are_summarized(seeds: Ran) -> None:
    assert seeds.code == 0
    report = seeds.report
    each = [json.loads((seeds.folder / f"seed-{s}/report.json").read_text()) for s in (3, 4)]
    assert report["seeds"] == each
    errors = [one["test_error"] for one in each]
    summary = report["summary"]["test_error"]
    assert summary["n"] == 2
    assert summary["mean"] == pytest.approx(np.mean(errors))
    assert summary["sd"] == pytest.approx(np.std(errors, ddof=1))
    assert (summary["min"], summary["max"]) == (min(errors), max(errors))
    assert "ci95_low" not in summary  # two seeds say nothing about it
    assert each[1]["compile_seconds"] == 0 < each[0]["compile_seconds"]


@pytest.mark.parametrize("kind", ["", "tta_"])
@pytest.mark.parametrize(("split", "file"), [("test", "predictions"), ("validation", "validation")])
def test_several_seeds_are_an_ensemble_too(kind: str, split: str, file: str, seeds: Ran) -> None:
    kept = [np.load(seeds.folder / f"seed-{seed}/{file}.npz") for seed in (3, 4)]
    mean = np.mean([one[f"{kind}probabilities"] for one in kept], axis=0)
    wrong = int((mean.argmax(axis=1) != kept[0]["labels"]).sum())
    ensemble = seeds.report["summary"]["ensemble"]
    assert ensemble["networks"] == 2
    assert ensemble[f"{kind}{split}_errors"] == wrong
    name = f"ensemble.{kind}{split}_error"
    assert seeds.run.data.metrics[name] == wrong / ensemble[f"{split}_images"]
    single = [seed[f"{kind}{split}_error"] for seed in seeds.report["seeds"]]
    assert seeds.report["summary"][f"{kind}{split}_error"]["mean"] == pytest.approx(np.mean(single))


def test_what_was_changed_afterwards_is_refused(seeds: Ran) -> None:
    reading: dict[str, Callable[[], Any]] = {
        "configuration/config.yaml": lambda: find_network(str(seeds.folder / "seed-3")),
        "report.json": lambda: run_page(seeds.folder),
        "seed-3/report.json": lambda: run_page(seeds.folder / "seed-3"),
    }
    for name, read in reading.items():
        path = seeds.folder / name
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        try:
            with pytest.raises(DataError, match=f"{name}: is not the file that its run has stored"):
                read()
        finally:
            path.write_bytes(content)
        read()


def test_several_seeds_are_a_parent_with_children(seeds: Ran, workspace: Path) -> None:
    parent = seeds.run
    assert parent.info.status == "FINISHED"
    key = "mlflow.parentRunId"
    children = [r for r in runs(workspace) if r.data.tags.get(key) == parent.info.run_id]
    assert sorted(child.data.tags["seed"] for child in children) == ["3", "4"]
    assert {child.info.status for child in children} == {"FINISHED"}
    assert not {"train_loss", "validation_loss"} & set(parent.data.metrics)  # series of each seed
    for child in children:
        report = json.loads(
            (seeds.folder / f"seed-{child.data.tags['seed']}/report.json").read_text()
        )
        assert child.data.metrics["test_error"] == report["test_error"]
        assert [step for step, _ in metrics(workspace, child, "train_loss")] == [1, 2]
    mean = seeds.report["summary"]["test_error"]["mean"]
    assert parent.data.metrics["test_error"] == pytest.approx(mean)
    assert parent.data.metrics["seeds"] == 2
    assert len({child.data.tags["group"] for child in children}) == 1
    assert "group" not in parent.data.tags


def test_a_seed_alone_gives_what_it_gave_among_others(seeds: Ran, ran: Callable[..., Ran]) -> None:
    same = ("dataset=5-vs-6", "dataset.validation_fraction=0.1", "model=dense")
    alone = ran(*same, "seed=4", "model.hidden_units=[16]", *SMALL, *BARE)
    among = np.load(seeds.folder / "seed-4/predictions.npz")
    np.testing.assert_array_equal(alone.predictions["probabilities"], among["probabilities"])


def test_two_classes_are_measured_as_a_binary_task(seeds: Ran, workspace: Path) -> None:
    folder = seeds.folder / "seed-3"
    report = json.loads((folder / "report.json").read_text())
    names = {"sensitivity", "specificity", "auc", "equal_error_accuracy"}
    assert all(0 < report[name] <= 1 for name in names)
    assert report["test_images"] == 1850
    assert set(report["class_errors"]) == {"5", "6"}
    kept = np.load(folder / "predictions.npz")
    assert np.bincount(kept["labels"]).tolist() == [892, 958]
    assert kept["probabilities"].shape == (1850, 2)
    assert any("roc" in path.name for path in (folder / "figures").iterdir())
    child = next(r for r in runs(workspace) if r.data.tags.get("seed") == "3")
    mlflow.set_tracking_uri(f"sqlite:///{workspace}/outputs/mlflow.db")
    model = mlflow.pyfunc.load_model(f"runs:/{child.info.run_id}/dense")
    shape = model.metadata.signature.outputs.inputs[0].shape
    given = np.asarray(model.predict(np.zeros((3, 28, 28, 1), np.float32)))
    assert given.shape[1:] == shape[1:]  # the signature is the network's, not the report's


def test_seeds_trained_together_are_runs_of_their_own(tmp_path: Path) -> None:
    several = ("model=dense", "model.hidden_units=[8]", "seeds=3", *SMALL)
    folders = {}
    for together in (1, 3):
        workspace = tmp_path / str(together)
        workspace.mkdir()
        with chdir(workspace):
            assert call(program.main, *several, f"seeds_together={together}").code == 0
        *children, parent = runs(workspace)
        assert [child.data.tags["seed"] for child in children] == ["2", "1", "0"]
        assert {run.info.status for run in [*children, parent]} == {"FINISHED"}
        assert all(metrics(workspace, child, "train_loss") for child in children)
        (folders[together],) = workspace.glob("outputs/*/*/report.json")
    alone, at_once = (json.loads(path.read_text())["seeds"] for path in folders.values())
    assert [report["seeds_together"] for report in at_once] == [3, 3, 3]
    for one, other in zip(alone, at_once, strict=True):
        assert (one["seed"], one["test_error"]) == (other["seed"], other["test_error"])
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-5)


@pytest.mark.slow
def test_a_sweep_runs_every_combination(command: Command, tmp_path: Path) -> None:
    lists = ("model=dense,lenet", "dataset=mnist,5-vs-6", *SMALL, *BARE)
    done = command("-m", *lists, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    finished = [r for r in runs(tmp_path) if "test_error" in r.data.metrics]
    chosen = {(r.data.params["model"], r.data.params["dataset"]) for r in finished}
    assert len(finished) == len(chosen) == 4
    assert {r.info.status for r in runs(tmp_path)} == {"FINISHED"}
    assert len(list(tmp_path.glob("outputs/**/report.json"))) >= 4


# --- going on from a run ---------------------------------------------------------------------

SAME = ("dataset=5-vs-6", "model=dense", "model.hidden_units=[16]", *SMALL, *BARE)


@pytest.fixture(scope="module")
def onward(seeds: Ran, ran: Callable[..., Ran]) -> Ran:
    return ran(*SAME, "training.epochs=0", "seed=4", f"init_from={seeds.run.info.run_id[:12]}")


def test_a_run_is_evaluated_again_without_training(onward: Ran, seeds: Ran) -> None:
    assert onward.code == 0
    among = np.load(seeds.folder / "seed-4/predictions.npz")  # seed 4 goes on from seed 4
    np.testing.assert_array_equal(onward.predictions["probabilities"], among["probabilities"])
    assert onward.report["epochs"] == 0
    assert onward.run.data.tags["init_from"] == seeds.run.info.run_id


def test_what_it_goes_on_from_is_part_of_a_runs_identity(
    onward: Ran, seeds: Ran, ran: Callable[..., Ran]
) -> None:
    none = (*SAME, "training.epochs=0", "seed=4")
    moved = shutil.copy(seeds.folder / "seed-4/model.keras", seeds.folder.parent / "copy.keras")
    of = {
        place: ran(*none, f"init_from={place}").run.data.tags["fingerprint"]
        for place in (moved, seeds.folder / "seed-3", "null")
    }
    assert of[moved] == onward.run.data.tags["fingerprint"]
    assert len(set(of.values())) == 3


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("lattest", "no run of this name or id; did you mean latest?"),
        ("outputs/nowhere", "there is no such file or folder"),
        ("{seeds}", "it has no seed 0; choose seeds=[3,4]"),
    ],
)
def test_a_run_that_cannot_be_found_is_said_before_tensorflow_is_imported(
    word: str, said: str, seeds: Ran, workspace: Path, configure: Callable[..., Any]
) -> None:
    config = configure(*SAME, f"init_from={word.format(seeds=seeds.folder)}")
    with chdir(workspace), pytest.raises(ConfigurationError, match="init_from=") as error:
        find_init_from(config)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_finding_a_run_does_not_import_tensorflow(seeds: Ran, workspace: Path) -> None:
    code = f"""
import sys
from runner.config.composition import compose_job
from runner.run.init_from import find_init_from
from runner.run.run_display import show_whereabouts
from runner.run.run_page import run_page
found = find_init_from(compose_job(["seeds=[3,4]", "init_from={seeds.folder}"]))
print(sorted(found.digests([3, 4])), "tensorflow" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['init_from.3', 'init_from.4'] False\n"


def test_jobs_of_a_sweep_go_on_from_the_same_run_whenever_it_goes_on(
    seeds: Ran, workspace: Path
) -> None:
    folder = seeds.folder.relative_to(workspace)
    with chdir(workspace):
        with pytest.raises(ConfigurationError, match=r"latest: .* write init_from=\w{32}"):
            prepare_sweep([*SAME, "init_from=latest", "seed=4", "training.epochs=1,2"])
        sweep = prepare_sweep([*SAME, f"init_from={folder}", "seed=3,4", "training.epochs=1"])
    assert isinstance(sweep.plan, Grid)
    three, four = sweep.plan.jobs
    assert three.job.config.init_from == four.job.config.init_from == str(seeds.folder)
    assert three.fingerprint != four.fingerprint


def test_the_digest_is_of_the_values_not_of_the_file(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    for name in ("a", "b"):
        model.save(tmp_path / f"{name}.keras")
    model.optimizer.iterations.assign(1)
    model.save(tmp_path / "later.keras")
    a, b, later = (network_digest(tmp_path / f"{name}.keras") for name in ("a", "b", "later"))
    assert a == b != later
    model.compile("adamax", "mse")
    model.save(tmp_path / "other.keras")
    assert network_digest(tmp_path / "other.keras") not in {a, later}
    (tmp_path / "text.keras").write_text("no network")
    with pytest.raises(DataError, match=r"text\.keras: it is damaged"):
        network_digest(tmp_path / "text.keras")


# --- training and the test split -------------------------------------------------------------


class Guarded:
    """Test images that may not be looked at in any way before training is over."""

    def __init__(self, data: Dataset) -> None:
        self._test, self.trainings, self.read = data.test, 0, 0

    def __getattr__(self, name: str) -> Any:
        if name in ("images", "labels"):
            assert self.trainings, f"test.{name} was read before training was over"
            self.read += 1
        return getattr(self._test, name)

    def __len__(self) -> int:
        raise AssertionError("the number of test images was asked for")


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch, digits: Dataset) -> Guarded:
    guard = Guarded(digits)
    fit = Trainer.fit_together

    def load(config: DatasetConfig, language: str) -> Dataset:
        del config, language
        return replace(digits, test=guard)  # type: ignore[arg-type]

    def counting(self: Trainer, *arguments: Any) -> Any:
        for result in fit(self, *arguments):
            guard.trainings += 1
            yield result

    monkeypatch.setattr(experiment, "load_dataset", load)
    monkeypatch.setattr(Trainer, "fit_together", counting)
    return guard


def test_training_does_not_see_the_test_split(guarded: Guarded, ran: Callable[..., Ran]) -> None:
    rich = ("dataset.validation_fraction=0.1", "callbacks=early-stopping", "schedule=plateau")
    done = ran(*NETWORK, *rich, *SMALL, *BARE)
    assert done.code == 0, done.run.data.tags.get("error")
    assert guarded.trainings == 1
    assert guarded.read >= 2
    assert done.report["test_images"] == 300


def test_the_guard_notices(guarded: Guarded) -> None:
    with pytest.raises(AssertionError, match="before training"):
        _ = guarded.images


LEAK = """
from runner.base.device import Device
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.training.trainer import Trainer


def leak(config: Config, data: Dataset, device: Device) -> list[Trainer]:
    right = Trainer(config, data.train, data.validation, data.task, device)
    return [right, Trainer(config, data.test, data.test, data.task, device)]
"""


def test_the_type_checker_refuses_test_images_in_training(tmp_path: Path) -> None:
    (tmp_path / "leak.py").write_text(LEAK)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", str(tmp_path / "leak.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = [line for line in done.stdout.splitlines() if "leak.py:10" in line]
    assert len(refused) == 2, done.stdout + done.stderr
    assert 'incompatible type "TestSplit"; expected "TrainSplit"' in refused[0]
    assert not [line for line in done.stdout.splitlines() if "leak.py:9" in line]


def test_an_address_wider_than_the_terminal_has_a_line_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    address = "http://127.0.0.1:5000/#/" + "x" * 80
    show_whereabouts(tmp_path, {"this run": address, "serve": "http://short"}, "en")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["this run ", address, "serve     http://short"]
