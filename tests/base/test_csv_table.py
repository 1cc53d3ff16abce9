"""CSV files, whatever separates their cells, under a header or not."""

from pathlib import Path

import pytest

from runner.base.csv_table import read_csv_table
from runner.base.errors import DataError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "length,kind\n1.5,a\n\n2,b\n",
        "length;kind\r\n1,5;a\r\n\r\n2; b\r\n",
        "length\tkind\n1,5\ta\n\n2.0\tb\n",
        '\ufefflength , kind\n"1.5",a\n\n2,"b"',
    ],
)
def test_columns_are_separated_by_what_the_first_line_has_most_of(
    text: str, tmp_path: Path
) -> None:
    table = read_csv_table(write(tmp_path, text))
    assert table.columns == table.header == ["length", "kind"]
    assert table.numbers("length").tolist() == [1.5, 2]
    assert table.cells("kind") == ["a", "b"]
    assert [line for line, _ in table.rows] == [2, 4]


def test_columns_without_names_are_numbered(tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path, "1.5,0\n2,1\n"))
    assert (table.header, table.columns) == ([], ["1", "2"])
    assert (table.column(None), table.column("1")) == ("2", "1")
    assert table.numbers("1").tolist() == [1.5, 2]


def test_a_name_may_begin_as_a_number_where_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "length,2025\n1,2\n")
    assert read_csv_table(path).header == []
    assert read_csv_table(path, ["2025"]).header == ["length", "2025"]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("length,kind\n1,a\n", "lenght", "no column lenght; did you mean length"),
        (
            "length,kind\n1,a\n2\n",
            "length",
            "line 3: expected 2 cells, as in the first line, got 1",
        ),
        ("length,kind\n1,a\nx,b\n", "length", "line 3, column length: expected a number, got 'x'"),
        ("length,kind\n1,a\n,b\n", "length", "line 3, column length: expected a number, got noth"),
        ("length,kind\nnan,a\n", "length", "line 2, column length: expected a number, got 'nan'"),
        ("length,kind\n1e39,a\n", "length", "line 2, column length: expected a number, got '1e39'"),
        ("length,kind\n1,5,a\n", "length", "line 2: expected 2 cells"),
    ],
)
def test_what_is_no_such_column_of_numbers_is_named(
    text: str, column: str, said: str, tmp_path: Path
) -> None:
    table = read_csv_table(write(tmp_path, text))
    with pytest.raises(DataError, match=f"a.csv: {said}"):
        table.numbers(table.column(column))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "a.csv", tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match="expected CSV text in UTF-8"):
            read_csv_table(path)
