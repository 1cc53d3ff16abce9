"""Images of another size or with more colors: what they hold, and which are refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.config.dataset_config import DatasetConfig

Configure = Callable[..., DatasetConfig]


def test_test_images_are_the_same_at_any_size_and_others_with_another_seed(
    configured: Configure,
) -> None:
    def examples(name: str, **source: Any) -> str:
        config = configured(name)
        options = config.source.options | source
        changed = replace(config.source, options=options)
        return datasets.load(replace(config, source=changed)).test.examples

    assert examples("mnist") == examples("mnist-14x14") == examples("mnist-rgb")
    assert len({examples(name) for name in ("mnist", "5-vs-6", "fashion")}) == 3
    drawn = [examples("shapes-drawn", seed=seed) for seed in (0, 1, 0)]
    assert drawn[0] == drawn[2] != drawn[1]


def test_mnist_rgb_is_mnist_in_the_middle(configured: Configure) -> None:
    rgb, gray = datasets.load(configured("mnist-rgb")), datasets.load(configured("mnist"))
    assert rgb.train.images.shape == (60_000, 32, 32, 3)
    for channel in range(3):
        middle = rgb.test.images[:, 2:30, 2:30, channel]
        np.testing.assert_array_equal(middle, gray.test.images[..., 0])
    assert rgb.test.images.sum() == 3 * gray.test.images.sum(dtype=np.int64)
    assert rgb.digests == gray.digests
    np.testing.assert_array_equal(rgb.test.labels, gray.test.labels)


def test_images_that_do_not_fit_are_refused() -> None:
    from runner.datasets.array_files import fit_images

    with pytest.raises(DataError, match="28 x 28 x 1 do not fit into 20 x 32 x 3"):
        fit_images(np.zeros((1, 28, 28, 1), np.uint8), [20, 32, 3])
    with pytest.raises(DataError, match="do not fit"):
        fit_images(np.zeros((1, 28, 28, 3), np.uint8), [32, 32, 1])


def test_mnist_14x14_is_the_middle_of_mnist_resampled(configured: Configure) -> None:
    from PIL import Image

    small, whole = datasets.load(configured("mnist-14x14")), datasets.load(configured("mnist"))
    assert small.train.images.shape == (60_000, 14, 14, 1)
    for given, stored in zip(small.test.images[:50], whole.test.images[:50], strict=True):
        middle = Image.fromarray(stored[2:26, 2:26, 0])
        expected = np.asarray(middle.resize((14, 14), Image.Resampling.BILINEAR), np.int16)
        np.testing.assert_allclose(given[..., 0], expected, atol=1)  # Pillow rounds in between
    assert small.digests == whole.digests
    np.testing.assert_array_equal(small.train.labels, whole.train.labels)


@pytest.mark.parametrize("sides", [(10, 7), (30, 20), (45, 33)])
def test_colors_are_resampled_smaller_and_larger(sides: tuple[int, int]) -> None:
    from PIL import Image

    from runner.datasets.resizing import resize_images

    images = np.random.default_rng(0).integers(0, 256, (3, 30, 20, 3), np.uint8)
    resample = Image.Resampling.BILINEAR
    expected = [Image.fromarray(i).resize(sides[::-1], resample) for i in images]
    given = resize_images(images, sides)
    np.testing.assert_allclose(given, np.array(expected, np.int16), atol=1)


def test_a_border_that_leaves_nothing_is_refused() -> None:
    from runner.datasets.resizing import crop_border

    images = np.zeros((1, 28, 20, 1), np.uint8)
    assert crop_border(images, 9).shape == (1, 10, 2, 1)
    with pytest.raises(ConfigurationError, match=r"border=10: .* 28 x 20; choose 9 or less"):
        crop_border(images, 10)
