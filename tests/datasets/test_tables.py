"""Tables in YAML and in zip archives, and shapes drawn by the program."""

import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import BASE

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog, file_search, verification
from runner.datasets.drawn_shapes import CORNERS
from runner.datasets.tables import read_matrices

Configure = Callable[..., DatasetConfig]
SHARED = os.environ.get("RUNNER_DATA")  # before the fixtures hide it
MEMBERS = {
    "ax.txt": "3 2\n1 2.5\n-3 4e1\n5 6\n",
    "ay.txt": "3 1\n0.0\n1.0\n0.0\n",
    "qx.txt": "1 2\n7 8\n",
    "qy.txt": "1 1\n1\n",
}


def table(source: dict[str, Any], **changes: Any) -> DatasetConfig:
    node = {
        "name": "toy",
        "title": "Toy",
        "shape": [2],
        "class_names": {"en": ["low", "high"]},
        "train_images": None,
        "test_images": None,
        "source": source,
    }
    return parse_dataset(BASE | node | changes)


def inline(train: list[list[Any]], **changes: Any) -> DatasetConfig:
    target = "runner.datasets.tables.inline_table"
    options = {"train": train, "test": [[9, 9, "high"]], "classes": ["low", "high"]}
    return table({"_target_": target} | options, **changes)


def zipped(**options: Any) -> DatasetConfig:
    target = "runner.datasets.tables.zipped_tables"
    files = {"archive": "toy.zip", "members": list(MEMBERS), "columns": None}
    return table({"_target_": target} | files | options)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write the archive, with changed members or others."""
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path))

    def write(changes: dict[str, str] | None = None, without: str = "") -> Path:
        with zipfile.ZipFile(tmp_path / "toy.zip", "w", zipfile.ZIP_DEFLATED) as file:
            for name, text in (MEMBERS | (changes or {})).items():
                if name != without:
                    file.writestr(name, text)
        return tmp_path / "toy.zip"

    return write


# --- in YAML ---------------------------------------------------------------------------------


def test_a_table_in_yaml_needs_no_files() -> None:
    data = datasets.load(inline([[1, 2.5, "low"], [3, 4, "high"], [5, 6, "low"]]))
    assert data.train.images.dtype == np.float32
    assert data.train.images.tolist() == [[1, 2.5], [3, 4], [5, 6]]
    assert data.train.labels.tolist() == [0, 1, 0]
    assert data.test.labels.tolist() == [1]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1, 2, "lo"], r"train: row 1 is \[1, 2, 'lo'\], expected 2 numbers and last one of low,"),
        ([1, "low"], "row 1 is"),
        ([1, 2, 3], "row 1 is"),
        (["one", 2, "low"], "row 1 is"),
    ],
)
def test_a_wrong_row_is_named(row: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        datasets.load(inline([[1, 2, "low"], row]))


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_features_are_finite_numbers(value: float) -> None:
    with pytest.raises(DataError, match=r"^toy: row 1 of its training features is not finite: \[1"):
        datasets.load(inline([[1, 2, "low"], [1, value, "high"]]))


def test_a_class_may_be_a_number() -> None:
    target = "runner.datasets.tables.inline_table"
    options = {"train": [[1, 2, 0], [3, 4, 1]], "test": [[9, 9, "1"]], "classes": ["0", "1"]}
    data = datasets.load(table({"_target_": target} | options))
    assert (data.train.labels.tolist(), data.test.labels.tolist()) == ([0, 1], [1])


def test_a_table_is_compared_with_its_declaration() -> None:
    rows = [[1, 2, "low"], [3, 4, "high"]]
    with pytest.raises(DataError, match=r"shape \(3,\), its files hold \(2,\)"):
        datasets.load(inline(rows, shape=[3]))
    with pytest.raises(DataError, match="declares 5 training images"):
        datasets.load(inline(rows, train_images=5))
    expected = "^toy: its 1 training rows show no high; add some, or correct the names"
    with pytest.raises(ConfigurationError, match=expected):
        datasets.load(inline([[1, 2, "low"]]))


def test_digests_tell_tables_apart_that_are_the_same_as_bytes() -> None:
    half = np.array([[0.5]], np.float32)
    assert verification.array_digest(half) != verification.array_digest(
        np.array([[0.25]], np.float32)
    )
    assert verification.array_digest(half) != verification.array_digest(np.array([[0]], np.uint8))


@pytest.mark.parametrize(("name", "features"), [("weight-age", 1), ("weight-skin", 2)])
def test_the_tables_of_the_handout(name: str, features: int, configured: Configure) -> None:
    data = datasets.load(configured(name))
    assert data.train.images.shape == (6, features)
    assert data.train.images[:, 0].tolist() == [4, 15, 65, 5, 18, 70]
    assert [data.class_names[n][0] for n in data.train.labels] == list("bcabca")
    assert [data.class_names[n][0] for n in data.test.labels] == list("cba")
    portuguese = datasets.load(configured(name), "pt")
    assert [portuguese.class_names[n] for n in portuguese.test.labels][1] == "bebê"


# --- in an archive ---------------------------------------------------------------------------


def test_a_table_is_read_from_its_archive(archive: Callable[..., Path]) -> None:
    path = archive()
    data = datasets.load(zipped())
    assert data.train.images.tolist() == [[1, 2.5], [-3, 40], [5, 6]]
    assert data.train.labels.tolist() == [0, 1, 0]
    assert (len(data.test), data.test.labels[0]) == (1, 1)
    assert sorted(file.name for file in path.parent.iterdir() if file.is_file()) == ["toy.zip"]


def test_a_member_may_be_the_folder_itself(archive: Callable[..., Path]) -> None:
    archive({"./": ""})
    assert len(datasets.load(zipped()).train) == 3


def test_the_content_of_an_archive_is_verified(archive: Callable[..., Path]) -> None:
    archive()
    digests = datasets.load(zipped()).digests
    assert datasets.load(zipped(digests=digests)).digests == digests
    archive({"qx.txt": "1 2\n7 8.5\n"})
    with pytest.raises(DataError, match="SHA-256 of x_test"):
        datasets.load(zipped(digests=digests))


def test_columns_of_an_archive_can_be_chosen(archive: Callable[..., Path]) -> None:
    archive()
    digests = datasets.load(zipped()).digests
    config = replace(zipped(digests=digests, columns=[1]), shape=(1,))
    data = datasets.load(config)
    assert data.train.images.tolist() == [[2.5], [40], [6]]
    assert data.test.images.tolist() == [[8]]
    with pytest.raises(ConfigurationError, match=r"columns=\[0, 2\]: there is no 2, the last is 1"):
        datasets.load(zipped(columns=[0, 2]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ax.txt": "3 2\n1 2 3 4 5\n"}, "declares 3 x 2 numbers, but 5 follow"),
        ({"ax.txt": "3 2\n1 2 3 4 5 six\n"}, "six"),
        ({"ax.txt": "3 2\n1 2 3 4 5 nan\n"}, "not all of its numbers are finite"),
        ({"ax.txt": "three two\n"}, 'expected "rows columns"'),
        ({"ax.txt": ""}, 'expected "rows columns"'),
        ({"ax.txt": "0 2\n"}, "declares 0 x 2"),
        ({"ax.txt": "3 2\n1 2 3 4 5 é\n"}, "ascii"),
        ({"ay.txt": "3 1\n0 0.5 1\n"}, "ay.txt: expected one column of whole numbers"),
        ({"ay.txt": "3 2\n0 1 0 1 0 1\n"}, "ay.txt: expected one column"),
        ({"../evil.txt": "0"}, "'../evil.txt', a path that leaves its folder"),
        ({"/etc/evil.txt": "0"}, "a path that leaves its folder"),
        ({"a/../../evil.txt": "0"}, "a path that leaves its folder"),
        ({"..\\evil.txt": "0"}, "a path that leaves its folder"),
        ({"C:\\evil.txt": "0"}, "a path that leaves its folder"),
    ],
)
def test_a_wrong_archive_is_refused_in_one_line(
    changes: dict[str, str], message: str, archive: Callable[..., Path]
) -> None:
    path = archive(changes)
    with pytest.raises(DataError) as raised:
        datasets.load(zipped())
    assert str(raised.value).startswith(str(path))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_member_is_named(archive: Callable[..., Path]) -> None:
    archive(without="qy.txt")
    with pytest.raises(DataError, match=r"toy\.zip cannot be read.*qy\.txt"):
        datasets.load(zipped())


@pytest.mark.parametrize("content", [b"", b"no archive", None], ids=["empty", "text", "cut"])
def test_a_damaged_archive_is_named(content: bytes | None, archive: Callable[..., Path]) -> None:
    path = archive()
    path.write_bytes(path.read_bytes()[:150] if content is None else content)
    with pytest.raises(DataError, match=r"toy\.zip cannot be read, replace it"):
        datasets.load(zipped())


def test_a_changed_byte_in_an_archive_is_noticed(archive: Callable[..., Path]) -> None:
    path = archive()
    content = bytearray(path.read_bytes())
    content[40] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"toy\.zip cannot be read"):
        datasets.load(zipped())


def test_an_archive_that_unpacks_to_too_much_is_refused(
    archive: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.datasets.tables.LARGEST", 100_000)
    archive({"ax.txt": "100000 1\n" + "0 " * 100_000})
    with pytest.raises(DataError, match=r"ax\.txt is larger than 100,000 bytes"):
        datasets.load(zipped())


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA is not set")
def test_banknotes(configured: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNNER_DATA", str(SHARED))
    if file_search.find_files(configured("banknote").source()) is None:
        pytest.skip("RUNNER_DATA has no banknote/noisynote.zip")
    data = datasets.load(configured("banknote"))
    assert data.train.images.shape == data.test.images.shape == (686, 7)
    assert data.train.images[0, :4] == pytest.approx([3.6216, 8.6661, -2.8073, -0.44699])
    assert np.bincount(data.test.labels).tolist() == [381, 305]
    path = Path(str(SHARED), "banknote/noisynote.zip")
    (features,) = read_matrices(path, ["qx.txt"])
    np.testing.assert_array_equal(data.test.images, features.values.astype(np.float32))


# --- drawn, and fitted -----------------------------------------------------------------------


def drawn(shape: list[int], seed: int = 0) -> Any:
    source = catalog.configured("shapes-drawn").source
    options = source.options | {"shape": shape, "seed": seed}
    return source.function(**options).read([], True)


def test_drawn_shapes_are_the_same_every_time_and_others_with_another_seed() -> None:
    first, again, other = drawn([28, 28, 3]), drawn([28, 28, 3]), drawn([28, 28, 3], seed=1)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    assert not np.array_equal(first.x_train, other.x_train)
    every = [image.tobytes() for image in (*first.x_train, *first.x_test)]
    assert len(set(every)) == 300
    assert np.bincount(first.y_train).tolist() == [80, 80, 80]


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


@pytest.mark.parametrize("shape", [[28, 28, 3], [64, 96, 1]])
def test_a_drawn_shape_is_a_closed_line_inside_its_picture(shape: list[int]) -> None:
    from scipy.ndimage import label as connected

    arrays = drawn(shape)
    assert arrays.x_test.shape == (60, *shape)
    for image in arrays.x_test[..., 0]:
        assert image[[0, -1]].min() > 0
        assert image.min() < 100
        white, regions = connected(image > 250)
        assert regions >= 2, "inside and outside are one"
        assert white[0, 0] != 0


def test_drawn_classes_have_their_corners() -> None:
    """A circle fills most of its hull's circle, a square less, a triangle least."""
    from scipy.ndimage import binary_fill_holes

    arrays = drawn([96, 96, 1])
    filled = []
    for label in range(len(CORNERS)):
        shares = []
        for image in arrays.x_train[arrays.y_train == label][..., 0]:
            inside = binary_fill_holes(image < 128)
            rows, columns = np.nonzero(inside)
            reach = np.hypot(rows - rows.mean(), columns - columns.mean()).max()
            shares.append(inside.sum() / (np.pi * reach**2))
        filled.append(np.mean(shares))
    assert filled[0] > filled[1] + 0.1 > filled[2] + 0.2


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
