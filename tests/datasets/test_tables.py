"""Tables in YAML and in zip archives."""

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
from runner.datasets import file_search, verification
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


NUMBERS = "labels are whole numbers from 0, their names belong into dataset.class_names"


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
        ({"ay.txt": "3 1\nbook\ncup\nbook\n"}, f"expected numbers, got 'book'; {NUMBERS}"),
        ({"qy.txt": "1 1\ncafé\n"}, f"expected numbers, got 'café'; {NUMBERS}"),
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


def test_texts_as_labels_are_no_damage(archive: Callable[..., Path]) -> None:
    archive({"ay.txt": "3 1\nbook\ncup\nbook\n"})
    with pytest.raises(DataError, match=r"toy\.zip: ay\.txt: expected numbers, got") as raised:
        datasets.load(zipped())
    assert "replace" not in str(raised.value)


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
