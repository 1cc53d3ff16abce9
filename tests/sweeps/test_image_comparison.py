"""McNemar's test of two networks on the same images."""

import numpy as np
import pytest
from scipy import stats

from runner.base.errors import ConfigurationError
from runner.evaluation.label_predictions import LabelPredictions
from runner.evaluation.predictions import Predictions
from runner.sweeps.report.compared_networks import ComparedNetworks
from runner.sweeps.report.image_comparison import compare_images

LABELS = np.arange(1_000) % 2


def network(wrong: list[int], labels: np.ndarray = LABELS) -> Predictions:
    """Return predictions that are wrong for these images."""
    given = labels.copy()
    given[wrong] = 1 - given[wrong]
    return Predictions(labels, np.eye(2, dtype=np.float32)[given])


def test_only_images_that_one_network_gets_wrong_count() -> None:
    both = list(range(500, 600))
    a, b = network([*both, *range(30)]), network([*both, *range(100, 110)])
    found = compare_images(a, b, "test")
    assert (found.wrong_a, found.wrong_b, found.only_a, found.only_b) == (130, 110, 30, 10)
    assert found.p == pytest.approx(stats.binomtest(10, 40).pvalue)
    sentence = found.sentence("old", "new")
    assert sentence.startswith("new is better than old: test error 11.00 % against 13.00 %")
    assert "McNemar" in sentence
    assert compare_images(b, a, "test").sentence("new", "old").startswith("old is worse")


def test_networks_that_are_wrong_alike_do_not_differ() -> None:
    same = compare_images(network([1, 2]), network([1, 2]), "test")
    assert same.p == 1.0
    assert "no better or worse" in same.sentence("a", "b")


def test_other_images_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="test images of the two runs differ"):
        compare_images(network([]), network([], LABELS[::-1].copy()), "test")


def test_several_labels_are_compared_image_by_image() -> None:
    labels = np.tile([[1, 0, 1]], (100, 1))
    a, b = labels.copy(), labels.copy()
    a[:40] = 1 - a[:40]  # each of these has three wrong labels, and is one image
    b[:30, 0] = 0
    b[60:65, 1] = 1
    first, second = (LabelPredictions(labels, given.astype(np.float32)) for given in (a, b))
    found = compare_images(first, second, "test")
    assert (found.wrong_a, found.wrong_b, found.only_a, found.only_b) == (120, 35, 40, 5)
    assert found.p == pytest.approx(stats.binomtest(5, 45).pvalue)
    sentence = found.sentence("A", "B")
    assert sentence.startswith("B is better than A: test error 11.67 % against 40.00 %; ")
    assert "5 of 100 images have more wrong labels in B, 40 in A, p" in sentence
    rows = dict(ComparedNetworks("a", {"a": first}, [0]).rows())
    # labels of one image are not wrong independently, as an interval would need
    assert rows == {"networks": "1", "wrong": "120 of 300 labels, 40.00 %"}
    several = dict(ComparedNetworks("both", {"a": first, "b": second}, [0, 1]).rows())
    assert several == {"networks": "2", "mean ± sd": "25.833 ± 20.035 %"}
