"""CSV files, whatever separates their cells, under a header or not."""

from pathlib import Path

import numpy as np
import pytest

from runner.base.csv_file import read_csv_table
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
        "length\tkind\n1,5\ta\n\n2\tb\n",
        "length\tkind\n1.5\ta\n\n2.0\tb\n",
        "length;kind;\n1.5;a;\n;;\n2;b;\n",
        "length,kind\r1.5,a\r\r2,b\r",
        '\ufefflength , kind\n"1.5",a\n\n2,"b"',
        '"length";"kind"\n1,5;a\n;\n2;b',
        '"length"\t"kind"\n"1.5"\t"a"\n\n"2"\t"b"\n',
    ],
)
def test_columns_are_separated_by_what_the_first_line_has(text: str, tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path, text))
    table.check()
    assert (table.columns, table.has_header) == (["length", "kind"], True)
    assert table.numbers("length").tolist() == [1.5, 2]
    assert table.cells("kind") == ["a", "b"]
    assert [line for line, _ in table.rows] == [2, 4]


def test_a_sign_within_quotes_separates_nothing(tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path, '"height; cm","width, cm",kind\n1,2,a\n'))
    assert table.columns == ["height; cm", "width, cm", "kind"]
    table = read_csv_table(write(tmp_path, '\n"height\n(cm)";"width, cm";kind\n1;2;a\n'))
    assert table.columns == ["height\n(cm)", "width, cm", "kind"]


def test_columns_without_names_are_numbered(tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path, "5,1;3,5;0\n4,9;3,0;1\n"))
    assert (table.has_header, table.columns) == (False, ["1", "2", "3"])
    assert (table.column(None), table.column("1")) == ("3", "1")
    np.testing.assert_allclose(table.numbers("1"), [5.1, 4.9], rtol=1e-6)
    with pytest.raises(DataError, match=r"no column kind .* numbered as there are no names"):
        table.column("kind")


@pytest.mark.parametrize(
    ("text", "named", "is_header"),
    [
        ("length,kind", (), True),
        ("Id,1stFlrSF,2ndFlrSF,SalePrice", (), True),
        (",a,class", (), True),
        ("length, 2025", (), False),
        ("length, 2025", ("2025",), True),
        ("4,3,2,1,L", (), False),
        ("4,3,2,1,L", ("1",), False),
        ("B,1,1,1,1", ("1",), False),
        ("3.5x,2", (), False),
        ("3.5x,2y", (), False),
        ("nan,-inf", (), False),
        ("nan,a", (), False),
    ],
)
def test_the_first_line_is_a_header_unless_it_holds_numbers(
    text: str, named: tuple[str, ...], is_header: bool, tmp_path: Path
) -> None:
    assert read_csv_table(write(tmp_path, text), named).has_header == is_header


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("length,kind\n1,a\n", "lenght", "there is no column lenght; did you mean length"),
        ("length,kind\n1,a\n2\n", "kind", "line 3: expected 2 cells, as in the first line, got 1"),
        ("length,kind\n1,5,a\n", "length", "line 2: expected 2 cells"),
        (",kind\n1,a\n", "kind", "column 1 has no name; name it, or leave it out"),
        ("length,kind,\n1,a,b\n", "kind", "column 3 has no name"),
        ("kind,length,kind\na,1,b\n", "kind", "two columns are called kind; rename one"),
        ("length,kind\n1,a\nx,b\n", "length", "line 3, column length: expected a number, got 'x'"),
        ("length,kind\n1,a\n,b\n", "length", "line 3, column length: expected a number, got not"),
        ("length,kind\n1_5,a\n", "length", "line 2, column length: expected a number, got '1_5'"),
        ("length,kind\nnan,a\n", "length", "line 2, column length: expected a number, got 'nan'"),
        ("length,kind\n1e39,a\n", "length", "line 2, column length: expected a number, got '1e39"),
    ],
)
def test_what_is_no_such_column_of_numbers_is_named(
    text: str, column: str, said: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=f"a.csv: {said}"):
        numbers_of(path, column)


def numbers_of(path: Path, column: str) -> None:
    table = read_csv_table(path)
    table.check()
    table.numbers(table.column(column))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "a.csv", tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match=r"expected (text in UTF-8; a|a CSV file: )"):
            read_csv_table(path)


def test_a_spreadsheet_may_name_what_separates_columns(tmp_path: Path) -> None:
    for first in ("sep=;", '"sep=;"'):
        table = read_csv_table(write(tmp_path, f"{first}\nlength;kind, color\n1,5;a\n"))
        assert table.columns == ["length", "kind, color"]
        assert table.rows == [(3, ["1,5", "a"])]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a;b\n63,36;978\n1,5;1.216\n", "line 3, column b: .* a decimal comma, .* got '1.216'"),
        ("a;b\n63.36;978\n1.5;1,216\n", "line 2, column a: .* a decimal comma, .* got '63.36'"),
        ("a;b\n63,36;978\n1,5;1.216,00\n", "line 3, column b: .* got '1.216,00'"),
        ("a;b\n63.36;978\n1.5;1.216,00\n", "line 3, column b: expected a number, got '1.216,00'"),
        ("Age,2025,kind\n3,4,a\n", "line 1, column 1: .*, or names alone in the first line, got"),
    ],
)
def test_points_of_thousands_are_no_decimals(text: str, line: str, tmp_path: Path) -> None:
    table = read_csv_table(write(tmp_path, text))
    with pytest.raises(DataError, match=line):
        list(map(table.numbers, table.columns))
