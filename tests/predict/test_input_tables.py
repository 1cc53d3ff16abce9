"""Rows of tables become what a network takes, or are refused."""

from pathlib import Path

import pytest

from runner.base.errors import DataError
from runner.predict.inputs import input_tables


def test_rows_come_from_numbers_or_csv(tmp_path: Path) -> None:
    assert [s.values.tolist() for s in input_tables.from_values([1, 2, 3, 4], (2,))] == [
        [1, 2],
        [3, 4],
    ]
    with pytest.raises(DataError, match="3 numbers, but the network takes 2 a row"):
        list(input_tables.from_values([1, 2, 3], (2,)))
    for wrong in ("nan", "-inf", "1e39"):
        with pytest.raises(DataError, match="expected finite numbers of 32 bits"):
            list(input_tables.from_values([1, float(wrong)], (2,)))
    path = tmp_path / "a.csv"
    path.write_text("weight,age,tone\n4,baby,50\n\n80.5, adult ,7e1\n")
    rows = list(input_tables.read_csv(path, "age", 2))
    assert [(row.values.tolist(), row.truth) for row in rows] == [
        ([4, 50], "baby"),
        ([80.5, 70], "adult"),
    ]
    assert rows[1].name == f"{path}:4"
    path.write_text("4,50\n80,70\n")
    assert len(list(input_tables.read_csv(path, None, 2))) == 2
    path.write_text("infant weight,information,2025\n4,50,baby\n")
    (row,) = input_tables.read_csv(path, "2025", 2)
    assert (row.values.tolist(), row.truth) == ([4, 50], "baby")
    path.write_text("3.5x\n4\n")
    with pytest.raises(DataError, match=r"line 1: .* got 3\.5x"):
        list(input_tables.read_csv(path, None, 1))


def test_wrong_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text, reason in (
        ("1,2\n3\n", "line 2: expected 2 cells, as in the first line, got 1"),
        ("a,b\n1,x\n", "line 2: the network takes a row of 2 finite numbers, got 1; x"),
        ("1,2\n1,nan\n", "line 2"),
        ("1,2\n1,1e39\n", "line 2"),
        ("3.5x,2\n1,2\n", "line 1: .* got 3.5x; 2"),
        ("3.5x,2y\n1,2\n", "line 1"),
        ("nan,-inf\n1,2\n", "line 1"),
        ("", "a.csv: holds no rows"),
        ("weight,tone\n\n", "holds no rows"),
        ("a,b,age\n1,2,x\n3,4\n", "line 3: expected 3 cells, as in the first line, got 2"),
        ("1,2\n", "no column age, only numbers"),
    ):
        path.write_text(text)
        with pytest.raises(DataError, match=reason):
            list(input_tables.read_csv(path, "age" if "age" in text + reason else None, 2))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="expected text in UTF-8"):
        list(input_tables.read_csv(path, None, 2))
