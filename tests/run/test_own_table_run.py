"""A run on a table of one's own, and predictions of a file with more columns in another order."""

import csv
from pathlib import Path

import pytest
from calling import call

from runner import __main__ as program
from runner.predict import __main__ as predict_command

SMALL = ("model=dense", "model.hidden_units=[8]", "training.epochs=40", "training.batch_size=4")


@pytest.mark.usefixtures("eagerly")
def test_a_table_is_learned_and_another_file_is_predicted_by_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{n},5;0,5;{'x' if n < 20 else 'y'}\n" for n in range(40)]
    Path("a.csv").write_text("length;noise;kind\n" + "".join(rows), encoding="utf-8")
    chosen = ("dataset=csv", "dataset.path=a.csv", "figures=[training-images]", "device=cpu")
    faster = ("optimizer.learning_rate=0.05", "tracking=folder")
    ran = call(program.main, *chosen, *SMALL, *faster)
    assert ran.code == 0, ran.error
    (text,) = Path("outputs").glob("*/*/classes.txt")
    assert " of 8 test rows given a wrong label\n" in text.read_text(encoding="utf-8")
    Path("a.csv").unlink()
    Path("b.csv").write_text("kind,id,noise,length\nx,a1,0.5,2\ny,a2,0.5,38\n")
    said = call(predict_command.main, "latest", "b.csv", "--truth", "kind", "--format", "csv")
    assert said.code == 0, said.error
    told = [(row["class"], row["true"]) for row in csv.DictReader(said.out.splitlines())]
    assert told == [("x", "x"), ("y", "y")]
    Path("b.csv").write_text("id,width\n1,2\n")
    refused = call(predict_command.main, "latest", "b.csv")
    assert "there is no column length (id, width)" in refused.error
