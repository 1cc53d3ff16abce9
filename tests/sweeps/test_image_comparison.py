"""McNemar's test of two networks on the same images."""

import numpy as np
import pytest
from scipy import stats

from runner.base.errors import ConfigurationError
from runner.evaluation.predictions import Predictions
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
