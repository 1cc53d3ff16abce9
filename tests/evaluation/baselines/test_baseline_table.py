"""Baselines as a table and a figure, and in a whole run."""

import csv
import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from omegaconf import OmegaConf

from runner.config import composition
from runner.evaluation.baselines import baseline_table
from runner.figures.baseline_errors import draw_baselines
from runner.run.experiment import run
from runner.run.job import Job
from runner.run.result import summarize
from runner.run.table_language import baselines_in_language
from runner.tracking.found_run import CONFIGURATION


def of_seed(seed: int, error: float) -> dict[str, Any]:
    svm = {"train_images": 60, "train_items": 300, "fit_seconds": 4.0, "predict_seconds": 0.5}
    return {
        "seed": seed,
        "test_error": error,
        "test_errors": int(1000 * error),
        "train_seconds": 2.0,
        "predict_seconds": 1.0,
        "epochs": 3,
        "features": {"layer": "pooling_2", "count": 640, "images": 60, "seconds": 0.1},
        "learners": {"svm": svm | {"test_error": error / 2, "test_errors": int(500 * error)}},
    }


def test_the_table_has_the_network_first() -> None:
    assert baseline_table.baseline_rows([of_seed(0, 0.02)]) == [
        ["", "test error", "fitted on", "fit", "predict"],
        ["network", "2.00 %", "60", "2.0 s", "1.0 s"],
        ["svm", "1.00 %", "5 x 60", "4.0 s", "0.5 s"],
    ]
    given = of_seed(0, 0.02) | {"epochs": 0, "train_seconds": 0.0}
    assert baseline_table.baseline_rows([given])[1][3] == "-"


def test_several_seeds_are_averaged() -> None:
    numbers = [of_seed(0, 0.02), of_seed(1, 0.04)]
    assert baseline_table.baseline_rows(numbers)[2][1] == "1.500 ± 0.707 %"
    assert baseline_table.baseline_title(numbers).endswith("layer pooling_2, mean ± sd of 2 seeds")
    numbers[0]["features"]["network_trained_on"] = "1,000 images of mnist and, before, 9 rows of x"
    assert baselines_in_language(numbers, "pt")[0] == (
        "Classificadores sobre 640 características, camada pooling_2, média ± dp de 2 sementes; "
        "a rede foi treinada com 1\N{NO-BREAK SPACE}000 imagens de mnist e, antes, "
        "com 9 linhas de x"
    )
    assert baselines_in_language(numbers, "en")[0].endswith(
        "seeds; the network was trained on 1,000 images of mnist and, before, 9 rows of x"
    )
    numbers[0]["features"]["count"] = 1
    assert baseline_table.baseline_title(numbers).startswith("Baselines on 1 feature, layer")
    lines = list(csv.DictReader(baseline_table.baseline_csv(numbers).splitlines()))
    assert [(line["seed"], line["baseline"]) for line in lines] == [
        ("0", "network"),
        ("1", "network"),
        ("0", "svm"),
        ("1", "svm"),
    ]
    assert [float(line["test_error"]) for line in lines] == [0.02, 0.04, 0.01, 0.02]
    assert summarize(numbers)["learners"]["svm"]["test_error"]["mean"] == pytest.approx(0.015)
    markdown = baseline_table.baseline_markdown(numbers)
    assert "| svm     | 1.500 ± 0.707 % |      5 x 60 |" in markdown


@pytest.mark.parametrize("language", ["en", "pt"])
def test_the_figure_has_a_bar_for_each(language: Any) -> None:
    figure = draw_baselines([of_seed(0, 0.02), of_seed(1, 0.04)], language)
    (axes,) = figure.axes
    widths = [patch.get_extents().width for patch in axes.patches]  # of pixels
    assert widths[0] == pytest.approx(2 * widths[1])
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [{"en": "network", "pt": "rede"}[language], "svm"]


def test_a_run_tracks_its_baselines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "outputs/ran"
    config = composition.compose_job(
        [
            *("dataset=5-vs-6", "dataset.train_size=200", "model=dense", "model.hidden_units=[8]"),
            *("training.epochs=1", "seeds=2", "device=cpu", "figures=[]"),
            *("tracking.log_model=false", "features.layer=pixels"),
            "baselines=[decision-tree,nearest-neighbor]",
        ]
    )
    run(Job(config, folder))
    said = capsys.readouterr().out
    assert said.count("decision-tree: fitting on 784 features") == 2
    assert (
        "Baselines on 784 features, layer pixels, mean ± sd of 2 seeds; the network was trained on "
        "200 images of 5-vs-6"
    ) in said
    names = {"baselines.md", "baselines.csv", "baselines.png"}
    assert names <= {path.name for path in folder.iterdir()}
    assert names | {"baselines.npz"} <= {path.name for path in (folder / "seed-0").iterdir()}
    summary = json.loads((folder / "report.json").read_text())["summary"]["learners"]
    each = [json.loads((folder / f"seed-{s}/report.json").read_text()) for s in (0, 1)]
    errors = [one["learners"]["decision-tree"]["test_error"] for one in each]
    assert summary["decision-tree"]["test_error"]["mean"] == pytest.approx(np.mean(errors))
    assert summary["nearest-neighbor"]["test_error"]["sd"] == 0  # of pixels, whatever the seed
    assert summary["nearest-neighbor"]["test_error"]["mean"] < 0.05
    given = np.load(folder / "seed-1/baselines.npz")
    assert (given["decision-tree"] != given["labels"]).mean() == errors[1]
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/outputs/mlflow.db")
    (experiment,) = [e for e in client.search_experiments() if e.name == "5-vs-6"]
    runs = {r.data.tags.get("seed"): r.data.metrics
            for r in client.search_runs([experiment.experiment_id])}  # fmt: skip
    assert runs["0"]["learners.decision-tree.test_error"] == errors[0]
    report = json.loads((folder / "seed-0/report.json").read_text())
    assert report["features"]["count"] == 784
    assert runs[None]["learners.decision-tree.test_error"] == pytest.approx(np.mean(errors))


def test_the_table_names_the_images_that_an_earlier_run_trained_the_network_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    small = ["dataset=5-vs-6", "model=dense", "model.hidden_units=[8]", "device=cpu", "figures=[]"]
    small += ["tracking=folder", "features.layer=pixels", "training.batch_size=50"]
    earlier = [*small, "dataset.train_size=200", "training.epochs=1"]
    trained = composition.compose_job(earlier)
    (tmp_path / "outputs/earlier/configuration").mkdir(parents=True)
    OmegaConf.save(
        OmegaConf.create(trained.as_plain()), tmp_path / "outputs/earlier" / CONFIGURATION
    )
    run(Job(trained, tmp_path / "outputs/earlier"))
    capsys.readouterr()
    later = [*small, "dataset.train_size=100", "training.epochs=0", "baselines=decision-tree"]
    later += [f"init_from={tmp_path / 'outputs/earlier'}"]
    run(Job(composition.compose_job(later), tmp_path / "outputs/later"))
    said = capsys.readouterr().out
    assert "the network was trained on 200 images of 5-vs-6" in said
    (row,) = [line.split() for line in said.splitlines() if line.startswith(" network ")]
    assert row[3] == "-", "it is not fitted on the 100 images of the tree"


def test_what_is_trained_on_a_table_is_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    small = ["experiment=weight-age", "training.epochs=1", "device=cpu", "figures=[]"]
    config = composition.compose_job([*small, "tracking=folder", "baselines=decision-tree"])
    run(Job(config, tmp_path / "outputs/ran"))
    said = capsys.readouterr().out
    assert "the network was trained on 6 rows of weight-age" in said
    assert " rows/s" in said
    assert "images" not in said
