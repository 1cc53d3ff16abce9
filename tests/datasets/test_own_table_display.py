"""What `datasets show` says of a table of one's own."""

from pathlib import Path

import pytest
from calling import call

from runner.datasets.__main__ import main


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["id numbers the rows, as an identifier does", "same is the same in all rows"]),
        ("pt", ["id numera as linhas, como um identificador", "same é igual em todas as linhas"]),
    ],
)
def test_columns_that_say_nothing_of_a_row_are_named(
    language: str, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{n},7,{n % 5},{n / 3:.3f},{'ab'[n % 2]}\n" for n in range(100, 150))
    Path("a.csv").write_text(f"id,same,few,size,kind\n{rows}", encoding="utf-8")
    shown = call(main, "show", "csv", "dataset.path=a.csv", "--language", language)
    assert shown.code == 0, shown.error
    notes = [line for line in shown.out.splitlines() if line.startswith(("note ", "nota "))]
    assert [part for part in said if not any(part in note for note in notes)] == []
    assert len(notes) == len(said)
    assert all("dataset.feature_names=['A','B']" in note for note in notes)
