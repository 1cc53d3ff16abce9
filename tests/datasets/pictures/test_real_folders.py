"""The folders of the course, where they are at hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from runner import datasets
from runner.datasets import file_search, picture_folders

from .dishes import SHARED


def real(name: str, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Any:
    from dataclasses import replace

    from runner.datasets import catalog

    config = catalog.configured(name)
    monkeypatch.setenv("RUNNER_DATA", str(SHARED))
    if file_search.find_files(config.source()) is None:
        pytest.skip(f"RUNNER_DATA has no {name}")
    return datasets.load(replace(config, **changes))


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA is not set")
def test_basic_shapes_are_read_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    data = real("shapes", monkeypatch)
    assert data.train.images.shape == (240, 28, 28, 3)
    assert np.bincount(data.test.labels).tolist() == [20, 20, 20]
    stored = {
        np.asarray(Image.open(path).convert("RGB")).tobytes(): path.parent.name
        for path in Path(str(SHARED), "shapes").rglob("*.png")
    }
    for part in (data.train, data.test):
        names = [stored[image.tobytes()] for image in part.images]
        assert names == [data.class_names[label] for label in part.labels]


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA is not set")
def test_cats_and_dogs_are_split_by_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    data = real("cats-dogs", monkeypatch, validation_fraction=0.1)
    assert data.train.images.shape == (1800, 150, 150, 3)
    assert data.validation is not None
    assert np.bincount(data.validation.labels).tolist() == [100, 100]
    assert np.bincount(data.test.labels).tolist() == [500, 500]
    first = Path(str(SHARED), "cats_dogs/validation/cats/cat.2000.jpg")
    given = picture_folders.decode(first, [150, 150, 3])
    np.testing.assert_array_equal(data.test.images[0], given)
    assert data.test.labels[0] == 0
