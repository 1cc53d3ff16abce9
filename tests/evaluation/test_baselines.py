"""Classical baselines get the features of one layer, and are judged beside the network."""

import csv
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import mlflow
import numpy as np
import pytest
from omegaconf import OmegaConf
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from runner import datasets
from runner.base.errors import ConfigurationError
from runner.base.option_types import RowCount
from runner.config import composition
from runner.config.entries import VERSIONS_WITH_SHIFTS
from runner.config.run_config import CONF, Config
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.baselines import baseline_table
from runner.evaluation.baselines.baseline_comparison import (
    BaselineComparison,
    Baselines,
    check_memory,
)
from runner.evaluation.baselines.fitting import sample
from runner.evaluation.baselines.layer_features import LayerFeatures
from runner.figures.baseline_errors import draw_baselines
from runner.run.experiment import run
from runner.run.job import Job
from runner.run.result import summarize
from runner.tracking.run_finder import CONFIGURATION
from runner.training.augmentation.geometry import SHIFTS, shift4

Configure = Callable[..., Config]
NETWORK = ("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]")
NAMES = sorted(path.stem for path in (CONF / "baselines").glob("*.yaml") if path.stem != "none")
SEVEN = "baselines.nearest-neighbor.n_neighbors=7"
FEW = (
    "baselines.random-forest.n_estimators=10",
    "baselines.gradient-boosting.max_iter=3",
    "baselines.gradient-boosting.train_size=200",
)


@pytest.fixture(scope="module")
def network(configure: Configure) -> Any:
    """A network that is not trained; random features are features too."""
    keras.utils.set_random_seed(1)
    return configure(*NETWORK).model((28, 28, 1), 10)


def compared(config: Config, model: Any, data: Dataset, seed: int = 0) -> BaselineComparison:
    baselines = Baselines(config, model, data, xla=False)
    comparison = baselines.compare(model, seed, lambda _: nullcontext())
    assert comparison is not None
    return comparison


@pytest.fixture(scope="module")
def every(configure: Configure, network: Any, digits: Dataset) -> BaselineComparison:
    config = configure(f"baselines=[{','.join(NAMES)}]", "features.layer=pooling_2", *FEW)
    return compared(config, network, digits)


@pytest.mark.parametrize(
    ("layer", "baseline"),
    [("pixels", "svm"), ("pixels", "decision-tree"), ("pooling_2", "svm")],
)
def test_learners_are_fitted_again_where_the_seed_can_matter(
    layer: str, baseline: str, configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure(f"baselines=[{baseline}]", f"features.layer={layer}")
    baselines = Baselines(config, network, digits, xla=False)
    first, second = (baselines.compare(network, seed, lambda _: nullcontext()) for seed in (0, 1))
    assert first is not None
    assert (second is first) == ((layer, baseline) == ("pixels", "svm"))
    assert first.baselines[baseline]["train_images"] == len(digits.train)


# --- features --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "name", "count"),
    [("pooling_1", "pooling_1", 12 * 12 * 4), (-2, "dense_1", 16), (None, "dense_1", 16)],
)
def test_features_are_what_a_layer_gives(
    layer: Any, name: str, count: int, network: Any, digits: Dataset
) -> None:
    features = LayerFeatures(network, layer, digits.train, xla=False)
    assert (features.layer, features.count) == (name, count)
    images = digits.test.images[:7]
    inside = keras.Model(network.inputs, network.get_layer(name).output)
    expected = np.asarray(inside([images.astype(np.float32)])).reshape(7, -1)
    np.testing.assert_allclose(features(images), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layer", ["convolution_2", "pooling_2"])
def test_compiled_features_are_the_same(layer: str, network: Any, digits: Dataset) -> None:
    """As on a GPU, where convolution and pooling are one product."""
    plain, compiled = (LayerFeatures(network, layer, digits.train, xla) for xla in (False, True))
    images = digits.test.images[:5]
    np.testing.assert_allclose(compiled(images), plain(images), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("layer", ["pixels", 0])
def test_the_input_is_features_too(layer: Any, network: Any, digits: Dataset) -> None:
    features = LayerFeatures(network, layer, digits.train, xla=False)
    assert (features.layer, features.count) == ("pixels", 784)
    expected = digits.test.images[:5].reshape(5, 784) / 255
    np.testing.assert_allclose(features(digits.test.images[:5]), expected, atol=1e-6)


def test_shifts_are_those_of_the_augmentation(network: Any, digits: Dataset) -> None:
    images = digits.train.images[:4]
    features = LayerFeatures(network, "pixels", digits.train, xla=False)
    given = features(images, shifts=True).reshape(5, 4, 28, 28, 1)
    for version in range(5):
        chosen = np.full(4, version, np.int32)
        moved, _ = shift4().apply(images.astype(np.float32), None, chosen, [0, 0])
        np.testing.assert_allclose(given[version], np.asarray(moved) / 255, atol=1e-6)


def test_columns_of_a_table_get_one_unit(configure: Configure) -> None:
    config = configure("experiment=weight-skin")
    data = datasets.load(config.dataset)
    model = config.model((2,), 3)
    values = LayerFeatures(model, "pixels", data.train, xla=False)(data.train.images)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("poling_2", r"features\.layer=poling_2: lenet has no .*did you mean pooling_2.*pixels, n"),
        ("99", "lenet has no such layer"),
    ],
)
def test_an_unknown_layer_is_found_before_training(
    layer: str, message: str, configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure("baselines=svm", f"features.layer={layer}")
    with pytest.raises(ConfigurationError, match=message):
        Baselines(config, network, digits, xla=False)


def test_features_that_do_not_fit_in_memory_are_refused() -> None:
    check_memory("pooling_2", 640, 60_000)
    with pytest.raises(ConfigurationError, match=r"layer=convolution_1: .* of 10,000,000,000 im"):
        check_memory("convolution_1", 11_520, 10**10)


# --- baselines --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_learner_learns(name: str, every: BaselineComparison, digits: Dataset) -> None:
    numbers, given = every.baselines[name], every.predictions[name]
    wrong = given != digits.test.labels
    assert numbers["test_errors"] == wrong.sum()
    assert numbers["test_error"] == wrong.mean() < 0.6
    assert numbers["validation_error"] < 0.6
    assert min(numbers["fit_seconds"], numbers["predict_seconds"]) > 0
    images = 200 if name == "gradient-boosting" else 500
    versions = 5 if name.endswith("shifts") else 1
    assert (numbers["train_images"], numbers["train_items"]) == (images, versions * images)
    assert every.features["layer"] == "pooling_2"
    assert every.features["count"] == 4 * 4 * 6


def test_the_nearest_neighbor_is_the_nearest(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure("baselines=nearest-neighbor", "features.layer=pixels")
    given = compared(config, network, digits).predictions
    x, stored = (
        split.images.reshape(len(split), -1).astype(np.int64)
        for split in (digits.test, digits.train)
    )
    distances = (x**2).sum(1)[:, None] - 2 * x @ stored.T + (stored**2).sum(1)
    nearest = digits.train.labels[distances.argmin(axis=1)]
    np.testing.assert_array_equal(given["nearest-neighbor"], nearest)
    np.testing.assert_array_equal(given["labels"], digits.test.labels)


def test_the_same_seed_gives_the_same_forest(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure("baselines=random-forest", "baselines.random-forest.n_estimators=5")
    first, again, other = (
        compared(config, network, digits, seed).predictions["random-forest"] for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_only_training_images_are_fitted_on(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    """Other labels of all other images change no prediction."""
    config = configure("baselines=[svm,decision-tree]")
    assert digits.validation is not None
    shuffled = replace(
        digits,
        validation=TrainSplit(digits.validation.images, digits.validation.labels[::-1]),
        test=TestSplit(digits.test.images, digits.test.labels[::-1]),
    )
    one, two = compared(config, network, digits), compared(config, network, shuffled)
    for name in ("svm", "decision-tree"):
        np.testing.assert_array_equal(one.predictions[name], two.predictions[name])
        assert one.baselines[name]["validation_error"] != two.baselines[name]["validation_error"]


def test_untouched_test_images_stay_so(
    configure: Configure, network: Any, digits: Dataset, tmp_path: Path
) -> None:
    config = configure(
        "baselines=decision-tree", "evaluation.test=false", "dataset.validation_fraction=0.1"
    )
    comparison = compared(config, network, digits)
    assert set(comparison.baselines["decision-tree"]) == {
        *("train_images", "train_items", "fit_seconds", "validation_error"),
    }
    comparison.save(tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_learners_cost_nothing(configure: Configure, network: Any, digits: Dataset) -> None:
    baselines = Baselines(configure("features.layer=nowhere"), network, digits, xla=False)
    assert baselines.compare(network, 0, lambda _: nullcontext()) is None


def test_a_sample_has_the_classes_in_proportion() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])  # sorted, as those of banknotes are
    places = sample(labels, 100, seed=0)
    assert np.bincount(labels[places]).tolist() == [60, 30, 10]
    assert len(set(places)) == 100
    np.testing.assert_array_equal(places, np.sort(places))
    np.testing.assert_array_equal(places, sample(labels, 100, seed=0))
    assert set(places) != set(sample(labels, 100, seed=1))
    np.testing.assert_array_equal(sample(labels, 1000, seed=0), np.arange(1000))
    assert set(labels[sample(labels, 3, seed=0)]) == {0, 1, 2}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("baselines=smv",), r"baselines=smv: no such choice; did you mean svm\?"),
        (("baselines=svm", "baselines.svm.C=0"), r"baselines\.svm\.C=0: should be greater than 0"),
        (
            ("baselines=svm", "baselines.svm.kernel=rbv"),
            r"baselines\.svm\.kernel=rbv: should be 'rbf",
        ),
        (("baselines=svm", "+baselines.svm.cc=1"), r"baselines\.svm\.cc: there is no such option"),
        (("baselines=svm", "baselines.svm.train_size=9"), "fewer than the 10 classes"),
        (
            ("baselines=nearest-neighbor-shifts", "experiment=weight-age"),
            "nearest-neighbor-shifts.shifts=true moves images, but weight-age is a table",
        ),
        (
            ("experiment=weight-age", "baselines=nearest-neighbor", SEVEN),
            "n_neighbors=7: it is fitted on 6 only",
        ),
        (("features.layer=[a]",), r"features\.layer"),
    ],
)
def test_what_cannot_be_asked_for_is_said_at_once(
    overrides: tuple[str, ...], message: str, configure: Configure
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        configure(*overrides)


# --- a baseline of one's own ------------------------------------------------------------------


def own_neighbors(seed: int, *, k: RowCount | None = None, weights: str = "uniform") -> Any:
    """A user's baseline, which declares that k is a number of rows."""
    del seed
    return KNeighborsClassifier(k or 1, weights=weights)


def undeclared(seed: int, *, k: int = 1, depth: int | None = None) -> Any:
    """A user's baseline, which does not; and which has chance inside a pipeline."""
    tree = make_pipeline(DecisionTreeClassifier(random_state=seed))
    return tree if depth else KNeighborsClassifier(k)


OWN = f"+baselines.own._target_={__name__}.own_neighbors"
UNDECLARED = f"+baselines.own._target_={__name__}.undeclared"


@pytest.mark.usefixtures("own_modules")
def test_an_own_baseline_needs_no_more_than_its_function(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    one = configure(OWN, "features.layer=pixels")
    assert (one.baselines["own"].train_size, one.baselines["own"].shifts) == (None, False)
    both = configure(OWN, "baselines=nearest-neighbor", "features.layer=pixels")
    given = compared(both, network, digits).predictions
    np.testing.assert_array_equal(given["own"], given["nearest-neighbor"])
    few = configure(OWN, "+baselines.own.train_size=90", "+baselines.own.shifts=true")
    numbers = compared(few, network, digits).baselines["own"]
    assert (numbers["train_images"], numbers["train_items"]) == (90, 450)


@pytest.mark.usefixtures("own_modules")
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("+baselines.own.train_size=0",), r"baselines\.own\.train_size=0: should be greater"),
        (("+baselines.own.shifts=2",), r"baselines\.own\.shifts=2: should be a valid boolean"),
        (("+baselines.own.neighbors=2",), r"baselines\.own\.neighbors: there is no such option"),
        (("+baselines.own.k=7", "experiment=weight-age"), r"own\.k=7: it is fitted on 6 only"),
    ],
)
def test_what_an_own_baseline_declares_is_checked(
    overrides: tuple[str, ...], message: str, configure: Configure
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        configure(OWN, *overrides)


@pytest.mark.usefixtures("own_modules")
def test_what_an_own_baseline_refuses_names_its_key(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure(UNDECLARED, "+baselines.own.k=501", "features.layer=pixels")
    with pytest.raises(ConfigurationError, match=r"^baselines\.own: Expected n_neighbors <= n_sam"):
        compared(config, network, digits)


@pytest.mark.usefixtures("own_modules")
def test_chance_inside_a_pipeline_is_chance(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure(UNDECLARED, "+baselines.own.depth=2", "features.layer=pixels")
    baselines = Baselines(config, network, digits, xla=False)
    first, second = (baselines.compare(network, seed, lambda _: nullcontext()) for seed in (0, 1))
    assert second is not first


def test_the_configuration_knows_how_many_shifts_there_are() -> None:
    assert len(SHIFTS) == VERSIONS_WITH_SHIFTS


# --- tables and figures ----------------------------------------------------------------------


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


# --- a whole run -----------------------------------------------------------------------------


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
