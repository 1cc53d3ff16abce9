"""The toy data sets of two features."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from runner import datasets
from runner.datasets import catalog

TOYS = ("circle", "xor", "spiral", "moons")


@pytest.mark.parametrize("name", TOYS)
def test_a_line_does_not_tell_them_apart_but_neighbors_do(name: str) -> None:
    data = datasets.load(catalog.configured(name))
    assert data.train.images.shape == (400, 2)
    assert data.train.images.dtype == np.float32
    assert np.abs(data.train.images).max() < 1.5
    assert np.bincount(data.train.labels).tolist() == [200, 200]
    assert not np.array_equal(data.train.images, data.test.images)
    line = LogisticRegression().fit(data.train.images, data.train.labels)
    near = KNeighborsClassifier(3).fit(data.train.images, data.train.labels)
    assert line.score(data.test.images, data.test.labels) < 0.93
    assert near.score(data.test.images, data.test.labels) > 0.93


@pytest.mark.parametrize("name", TOYS)
def test_the_same_seed_draws_the_same(name: str) -> None:
    first, second = (datasets.load(catalog.configured(name)) for _ in range(2))
    np.testing.assert_array_equal(first.train.images, second.train.images)
