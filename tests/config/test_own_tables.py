"""`dataset=csv dataset.path=...`: a table of one's own, without a YAML file."""

from pathlib import Path

import numpy as np
import pytest

from runner import datasets
from runner.base.errors import ConfigurationError, RunnerError
from runner.config.component import as_plain
from runner.config.composition import compose_job
from runner.config.dataset_checks import parse_dataset
from runner.datasets import catalog

HEADER = "length,width,kind\n"
ROWS = "".join(f"{n},{n / 2},{'small' if n < 10 else 'big'}\n" for n in range(20))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "leaves.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return path


def test_its_columns_and_classes_are_those_of_the_file(table: Path) -> None:
    config = compose_job(["dataset=csv", f"dataset.path={table}"]).dataset
    assert (config.feature_names, config.shape) == (["length", "width"], (2,))
    assert config.class_names == {"en": ["big", "small"], "pt": ["big", "small"]}
    data = datasets.load(config)
    assert (len(data.train), len(data.test)) == (16, 4)
    assert data.feature_names == ["length", "width"]
    for split in (data.train, data.test):
        np.testing.assert_array_equal(split.labels, split.images[:, 0] < 10)
        np.testing.assert_array_equal(split.images[:, 1], split.images[:, 0] / 2)


def test_it_is_found_beside_the_user(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    config = compose_job(["dataset=csv", "dataset.path=leaves.csv"])
    assert len(datasets.load(config.dataset).train) == 16
    assert "path-leaves.csv" in config.tracking.run_name


def test_columns_are_chosen_by_their_names(table: Path) -> None:
    chosen = ["dataset.source.target=width", "dataset.feature_names=[length]"]
    data = datasets.load(
        compose_job(["dataset=csv-regression", f"dataset.path={table}", *chosen]).dataset
    )
    assert data.task.names == ["width"]
    np.testing.assert_array_equal(data.train.numbers, data.train.images / 2)
    assert data.train.images.shape == (16, 1)


def test_a_file_without_a_header_has_numbered_columns(table: Path) -> None:
    table.write_text("".join(f"{n % 3},{n},{-n}\n" for n in range(30)), encoding="utf-8")
    chosen = [f"dataset.path={table}", "dataset.source.target=1"]
    config = compose_job(["dataset=csv", *chosen]).dataset
    assert config.feature_names == ["2", "3"]
    assert config.class_names == {"en": ["0", "1", "2"], "pt": ["0", "1", "2"]}
    train = datasets.load(config).train
    np.testing.assert_array_equal(train.labels, train.images[:, 0] % 3)


def test_classes_that_are_numbers_are_in_their_order(table: Path) -> None:
    table.write_text("".join(f"{n},{n % 12}\n" for n in range(60)), encoding="utf-8")
    config = compose_job(["dataset=csv", f"dataset.path={table}"]).dataset
    assert config.class_names is not None
    assert config.class_names["en"] == [str(n) for n in range(12)]


def test_a_changed_file_is_read_again(table: Path) -> None:
    for name in ("tiny", "huge"):
        table.write_text(HEADER + ROWS.replace("small", name), encoding="utf-8")
        config = compose_job(["dataset=csv", f"dataset.path={table}"]).dataset
        assert sorted(config.task().names) == sorted(["big", name])


SOLE = "".join(f"{n},{n},a\n" for n in range(9))
MANY = "".join(f"{n},{n % 150}\n" for n in range(600))
IN_KIND = "expected classes in the column kind, two or more, got"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEADER + "1,x,a\n2,3,b\n",
            "column width: expected a number, got 'x'; correct it, or",
        ),
        (HEADER + ROWS + "1,2,\n", "line 22, column kind: expected a class, got nothing"),
        ("kind,length,kind\n" + ROWS, "two columns are called kind; rename one"),
        (",width,kind\n" + ROWS, "column 1 has no name"),
        ("", "expected two columns or more, between"),
        (HEADER, "expected two columns or more, between"),
        ("kind\na\nb\n", "expected two columns or more, between"),
        (HEADER + SOLE, f"{IN_KIND} 'a' alone; .*dataset=csv-regression predicts numbers"),
        (HEADER + "1,2,0.5\n2,3,1\n", f"{IN_KIND} numbers such as 0.5"),
        (HEADER + "1,2,a\n2,3,b\n", f"{IN_KIND} 2 in 2 rows"),
        ("length,kind\n" + MANY, f"{IN_KIND} 150 different numbers"),
        (HEADER + ROWS + "1,2\n", "line 22: expected 3 cells"),
    ],
)
def test_what_is_no_table_of_classes_is_refused(text: str, said: str, table: Path) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(RunnerError, match=said) as raised:
        compose_job(["dataset=csv", f"dataset.path={table}"])
    assert "\n" not in str(raised.value)


def test_a_missing_column_is_said_with_those_there_are(table: Path) -> None:
    with pytest.raises(RunnerError, match="no column knid; did you mean kind"):
        compose_job(["dataset=csv", f"dataset.path={table}", "dataset.source.target=knid"])


def test_values_that_are_no_classes_are_said(table: Path) -> None:
    names = "dataset.source.classes=[big,little]"
    config = compose_job(["dataset=csv", f"dataset.path={table}", names]).dataset
    with pytest.raises(RunnerError, match="one of big, little in the column kind, got 'small'"):
        datasets.load(config)


def test_classes_have_other_names_for_people(table: Path) -> None:
    names = "dataset.class_names={en:[large,tiny],pt:[grande,pequena]}"
    config = compose_job(["dataset=csv", f"dataset.path={table}", names]).dataset
    train = datasets.load(config, "pt").train
    assert config.task("pt").names == ["grande", "pequena"]
    np.testing.assert_array_equal(train.labels, train.images[:, 0] < 10)


def test_the_directory_of_the_data_is_what_a_path_is_relative_to(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (table.parent / "work").mkdir()
    monkeypatch.chdir(table.parent / "work")
    there = [f"dataset.data_dir={table.parent}", "dataset.path=leaves.csv"]
    assert len(datasets.load(compose_job(["dataset=csv", *there]).dataset).train) == 16
    Path("leaves.csv").write_text(HEADER + "1,2,x\n", encoding="utf-8")  # another, not looked at
    assert len(datasets.load(compose_job(["dataset=csv", *there]).dataset).train) == 16


GIVE = "give dataset.path=FILE, a CSV file with a column for each feature"


@pytest.mark.parametrize("name", ["csv", "csv-regression"])
def test_no_file_at_all_is_said_with_what_to_give(name: str) -> None:
    for config in (compose_job([f"dataset={name}"]).dataset, catalog.configured(name)):
        with pytest.raises(ConfigurationError, match=f"^dataset={name}: {GIVE}"):
            datasets.load(config)
    with pytest.raises(ConfigurationError, match=f"^dataset={name}: {GIVE}"):
        datasets.load(compose_job([f"dataset={name}", "dataset.feature_names=[a]"]).dataset)
    with pytest.raises(ConfigurationError, match=f"there is no such file; {GIVE}"):
        compose_job([f"dataset={name}", "dataset.path=nowhere.csv"])


def test_what_a_run_was_trained_on_is_known_without_the_file(table: Path) -> None:
    config = compose_job(["dataset=csv", f"dataset.path={table}"]).dataset
    table.unlink()
    assert parse_dataset(as_plain(config)) == config


def test_the_column_to_predict_is_no_feature(table: Path) -> None:
    chosen = [f"dataset.path={table}", "dataset.feature_names=[length,width]"]
    with pytest.raises(ConfigurationError, match="feature_names: width is the column to predict"):
        compose_job(["dataset=csv-regression", *chosen, "dataset.source.target=width"])


@pytest.mark.parametrize(
    "text", [HEADER.replace("width", "${a}") + ROWS, HEADER + ROWS + "1,2,${a}\n"]
)
def test_what_configurations_would_replace_is_no_name(text: str, table: Path) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(RunnerError, match="expected names without"):
        compose_job(["dataset=csv", f"dataset.path={table}"])


def test_classes_may_be_named_as_numbers(table: Path) -> None:
    table.write_text("".join(f"{n},{n % 2}\n" for n in range(20)), encoding="utf-8")
    named = ["dataset.source.classes=[1,0]", "dataset.class_names={en:[7,8]}"]
    config = compose_job(["dataset=csv", f"dataset.path={table}", *named]).dataset
    assert config.task().names == ["7", "8"]
    train = datasets.load(config).train
    np.testing.assert_array_equal(train.labels, train.images[:, 0] % 2 == 0)


def test_a_name_of_a_file_may_be_a_number(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    table.rename("2025")
    with pytest.raises(ConfigurationError, match=r"path=2025: should be a valid string"):
        compose_job(["dataset=csv", "dataset.path=2025"])
    assert compose_job(["dataset=csv", "dataset.path='2025'"]).dataset.shape == (2,)


def test_as_many_names_as_features_are_expected(table: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"shape=\[3\] says, got 2"):
        compose_job(["dataset=csv", f"dataset.path={table}", "dataset.shape=[3]"])
