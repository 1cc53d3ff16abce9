"""Classical baselines are fitted on training images, and judged beside the network."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.base.errors import ConfigurationError
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.baselines.baseline_comparison import (
    BaselineComparison,
    Baselines,
)
from runner.evaluation.baselines.fitting import sample

from .comparing import NAMES, SEVEN, Configure, compared


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
