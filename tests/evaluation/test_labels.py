"""Networks that tell several labels: from drawn shapes, through training, to what is shown."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from building import BASE
from matplotlib.figure import Figure
from sklearn import metrics

from runner import datasets
from runner.base import device
from runner.base.errors import ConfigurationError, DataError
from runner.base.tasks import Classification, MultiLabel
from runner.config.dataset_checks import parse_dataset
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.datasets.summary import class_counts
from runner.evaluation.assessment import assess
from runner.evaluation.ensembles import average_predictions
from runner.evaluation.label_predictions import LabelPredictions
from runner.evaluation.label_report import LabelReport
from runner.evaluation.predictions_file import load_predictions
from runner.evaluation.split_losses import measure_losses
from runner.figures.figure_declarations import applies_to
from runner.figures.finished_run import LabelRun, finished_run
from runner.figures.label_confusion import label_confusion
from runner.predict.prediction import InputPrediction, PredictionResults
from runner.predict.prediction_formats import as_csv, as_json, as_table
from runner.predict.prediction_forms import form_of
from runner.run.closing_table import closing_rows
from runner.run.result import summarize
from runner.training.logit_metrics import measure_of, metric_of
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
NAMES = ["circle", "square", "triangle"]
TRUTH = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 1]])
GUESS = np.array([[0.9, 0.2, 0.4], [0.1, 0.1, 0.6], [0.3, 0.8, 0.2], [0.7, 0.6, 0.9]], np.float32)
SMALL = (
    *("experiment=shapes-labels", "dataset.train_images=60", "dataset.test_images=20"),
    *("training.epochs=2", "model=dense", "model.hidden_units=[8]", "training.batch_size=10"),
)


def report_of(threshold: float = 0.5) -> LabelReport:
    return LabelReport(
        labels=TRUTH,
        probabilities=GUESS,
        threshold=threshold,
        label_names=NAMES,
        predict_seconds=1.0,
    )


@pytest.fixture(scope="module")
def shapes(configure: Configure) -> Dataset:
    return datasets.load(configure(*SMALL).dataset)


def test_metrics_are_those_of_scikit_learn() -> None:
    measured, given = report_of().metrics(), (GUESS > 0.5).astype(int)
    assert measured["test_error"] == pytest.approx(metrics.hamming_loss(TRUTH, given))
    assert measured["test_exact_match"] == metrics.accuracy_score(TRUTH, given) == 0.5
    for kind in ("macro", "micro"):
        assert measured[kind]["f1"] == pytest.approx(metrics.f1_score(TRUTH, given, average=kind))
    assert measured["labels"]["triangle"]["error"] == 0.5
    assert measured["labels"]["triangle"]["support"] == 2
    assert "labels.txt" in report_of().texts()


def test_a_threshold_moves_the_decisions() -> None:
    strict = report_of(0.65).metrics()
    assert strict["threshold"] == 0.65
    assert strict["test_error"] == pytest.approx(2 / 12)  # 0.4 and 0.6 are below; one 0.6 was right


def test_one_label_has_the_same_metrics_as_several() -> None:
    one = replace(
        report_of(), labels=TRUTH[:, :1], probabilities=GUESS[:, :1], label_names=["circle"]
    )
    assert one.metrics()["labels"]["circle"] == {
        **{"error": 0.0, "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 2}
    }


@pytest.mark.parametrize("logits", [False, True])
def test_the_metric_of_training_counts_decisions(logits: bool) -> None:
    task = MultiLabel(NAMES)
    outputs = np.log(GUESS / (1 - GUESS)) if logits else GUESS
    network = keras.Sequential([keras.layers.Input([1]), keras.layers.Dense(3)])
    metric = metric_of(task, network, logits)
    metric.update_state(TRUTH.astype(np.float32), outputs)
    each = measure_of(task, logits)(TRUTH.astype(np.float32), keras.ops.convert_to_tensor(outputs))
    assert float(metric.result()) == pytest.approx(10 / 12)
    assert float(np.mean(each)) == pytest.approx(10 / 12)


@pytest.mark.parametrize("task", [MultiLabel(NAMES), MultiLabel(NAMES[:1])])
def test_what_targets_have_most_of_is_compared_with_decisions(task: MultiLabel) -> None:
    """Teachers and mixing leave no 0 or 1: an equal one was looked for, every error was 100 %."""
    outputs, width = keras.ops.convert_to_tensor(GUESS[:, : len(task.names)]), len(task.names)
    soft = (0.6 * TRUTH + 0.4 * np.float32(0.3))[:, :width]
    network = keras.Sequential([keras.layers.Input([1]), keras.layers.Dense(width)])
    expected = ((GUESS > 0.5) == (TRUTH > 0.5))[:, :width].mean()
    metric = metric_of(task, network, logits=False)
    metric.update_state(soft, outputs)
    assert float(metric.result()) == pytest.approx(expected)
    assert float(np.mean(measure_of(task, logits=False)(soft, outputs))) == pytest.approx(expected)


def test_shapes_are_drawn_where_their_labels_say(shapes: Dataset) -> None:
    ink = (255 - shapes.test.images.astype(int)).sum(axis=(1, 2, 3))
    assert isinstance(shapes.task, MultiLabel)
    assert shapes.test.labels.shape == (20, 3)
    assert np.array_equal(ink > 0, shapes.test.labels.any(axis=1))
    header, rows = class_counts(shapes)
    assert header[0] == "label"
    assert [row[-1] for row in rows] == [str(n) for n in shapes.test.labels.sum(axis=0)]


@pytest.mark.parametrize("activation", ["auto", "logits"])
def test_a_training_is_measured_as_it_was_watched(
    configure: Configure, shapes: Dataset, activation: str, tmp_path: Path
) -> None:
    config = configure(*SMALL, f"model.output_activation={activation}", "evaluation.tta=flip")
    cpu = device.prepare_device("cpu", config.precision, deterministic=False)
    training = Trainer(config, shapes.train, shapes.validation, shapes.task, cpu).fit(0, [])
    report, validation = assess(training.model, shapes, cpu.is_gpu, config.evaluation)
    assert isinstance(report, LabelReport)
    assert isinstance(validation, LabelPredictions)
    assert ((report.probabilities >= 0) & (report.probabilities <= 1)).all()
    error = validation.errors("validation")["validation_error"]
    assert error == pytest.approx(1 - training.history["val_accuracy"][-1], abs=1e-6)
    assert "tta_test_error" in report.metrics()
    losses = measure_losses(training.model, shapes, config, xla=False)
    assert losses["test_loss"] == pytest.approx(
        float(np.mean(keras.losses.binary_crossentropy(report.labels, report.probabilities))),
        abs=1e-3,
    )
    arrays: dict[str, Any] = report.arrays()
    np.savez(tmp_path / "kept.npz", **arrays)
    kept = load_predictions(tmp_path / "kept.npz")
    assert isinstance(kept, LabelPredictions)
    assert kept.errors("test") == report.errors("test")


def test_an_ensemble_averages_labels() -> None:
    other = LabelPredictions(TRUTH, 1 - GUESS)
    together = average_predictions([LabelPredictions(TRUTH, GUESS), other])
    assert isinstance(together, LabelPredictions)
    assert together.probabilities == pytest.approx(np.full((4, 3), 0.5))


def test_the_closing_table_has_a_row_for_each_label() -> None:
    reports = [report_of().metrics() | {"seed": seed} for seed in (0, 1)]
    rows = dict(closing_rows(reports, summarize(reports)))
    assert rows["  images with all labels right"].startswith("50.00 ± 0.00")
    assert "  rows with all labels right" in dict(closing_rows(reports, summarize(reports), "rows"))
    assert "(50.00 % wrong)" in rows["  triangle"]
    spread = [reports[0] | {"test_exact_match": share} for share in (0.85, 0.97, 0.99, 1.0)]
    assert summarize(spread)["test_exact_match"]["ci95_high"] < 1
    assert "precision, recall, F1: micro" in rows


def test_figures_of_one_class_are_left_out(configure: Configure, shapes: Dataset) -> None:
    run = finished_run(shapes, np.full((20, 3), 0.7, np.float32), model=None)
    assert isinstance(run, LabelRun)
    figure = label_confusion(run)
    assert isinstance(figure, Figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == NAMES
    chosen = "figures=[confusion-matrix,misclassified,roc,label-confusion,training-images]"
    figures = configure(*SMALL, chosen).figures
    assert {name for name, one in figures.items() if applies_to(one, run)} == {
        "label-confusion",
        "training-images",
    }


def test_predictions_list_labels_with_probabilities() -> None:
    results = PredictionResults(
        [InputPrediction(f"{n}.png", "", row) for n, row in enumerate(GUESS)]
    )
    form = form_of(MultiLabel(NAMES))
    table = as_table(results, NAMES, form, top=3).splitlines()
    assert "circle 0.900" in table[-4]
    assert "none" not in table[-4]
    assert '"labels": [\n    "circle"\n   ]' in as_json(results, NAMES, form, ["network"])
    assert as_csv(results, NAMES, form).splitlines()[4].startswith("3.png,1,1,1,0.700000")


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("training.loss=categorical_crossentropy", "training.loss"),
        ("model.output_activation=softmax", "softmax"),
        ("augmentation=mixup", "mixup"),
        ("baselines=svm", "baselines"),
        ("training.class_weight=balanced", "class_weight"),
    ],
)
def test_options_of_one_class_are_refused(configure: Configure, option: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        configure(*SMALL, option)


def test_a_threshold_is_refused_where_there_are_no_labels(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match=r"evaluation\.threshold"):
        configure("evaluation.threshold=0.3")


def test_a_table_with_columns_of_labels_needs_zeros_and_ones() -> None:
    source: dict[str, Any] = {"_target_": "runner.datasets.tables.inline_table", "outputs": 2}
    source |= {"train": [[0.1, 1, 0], [0.9, 0, 1]], "test": [[0.1, 1, 0]]}
    node: dict[str, Any] = {
        **{"name": "toy", "title": "Toy", "shape": [1], "label_names": {"en": ["low", "high"]}},
        **{"train_images": None, "test_images": None, "source": source},
    }
    data = datasets.load(parse_dataset(BASE | node))
    assert data.task.encode(data.train.targets, "auto").tolist() == [[1, 0], [0, 1]]
    node["source"] = source | {"train": [[0.1, 0.5, 0]]}
    with pytest.raises(DataError, match="0 or 1"):
        datasets.load(parse_dataset(BASE | node))
    with pytest.raises(ConfigurationError, match="label_names"):
        parse_dataset(BASE | node | {"class_names": {"en": ["low", "high"]}})


def test_one_class_keeps_its_metric() -> None:
    network = keras.Sequential([keras.layers.Input([1]), keras.layers.Dense(3)])
    assert metric_of(Classification(NAMES), network, logits=True) == "accuracy"
