"""A run on a table of one's own, what goes on from it, and predictions of other files."""

import csv
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from calling import call

from runner import __main__ as program
from runner.predict import __main__ as predict_command
from runner.predict import inspection

pytestmark = pytest.mark.usefixtures("eagerly")
COMMAND = (
    *("dataset=csv", "dataset.path=a.csv", "model=dense", "model.hidden_units=[8]", "device=cpu"),
    *("training.epochs=40", "training.batch_size=4", "optimizer.learning_rate=0.05"),
    *("figures=[training-images]", "tracking=folder"),
)
ROWS = [f"{n},5;0,5;{'x' if n < 20 else 'y'}\n" for n in range(40)]


def write(rows: list[str]) -> None:
    Path("a.csv").write_text("length;noise;kind\n" + "".join(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a network was trained on a table that is there no longer."""
    folder = tmp_path_factory.mktemp("table")
    with chdir(folder):
        write(ROWS)
        ran = call(program.main, *COMMAND, "tracking.run_name=first")
        assert ran.code == 0, ran.error
        Path("a.csv").unlink()
    return folder


@pytest.fixture(autouse=True)
def within(trained: Path) -> Iterator[None]:
    with chdir(trained):
        yield


def test_its_texts_speak_of_rows() -> None:
    (text,) = Path("outputs").glob("*/*-first/classes.txt")
    assert " of 8 test rows given a wrong label\n" in text.read_text(encoding="utf-8")


def test_columns_of_another_file_are_taken_by_their_names() -> None:
    Path("b.csv").write_text("kind,id,noise,length\nx,a1,0.5,2\ny,a2,0.5,38\n", encoding="utf-8")
    said = call(predict_command.main, "first", "b.csv", "--truth", "kind", "--format", "csv")
    assert said.code == 0, said.error
    told = [(row["class"], row["true"]) for row in csv.DictReader(said.out.splitlines())]
    assert told == [("x", "x"), ("y", "y")]
    Path("b.csv").write_text("id,width\n1,2\n", encoding="utf-8")
    refused = call(predict_command.main, "first", "b.csv")
    assert "there is no column length (id, width)" in refused.error


def test_a_file_that_was_changed_is_gone_on_from_under_another_name_alone() -> None:
    again = (*COMMAND, "training.epochs=0", "init_from=first")
    write(ROWS)
    assert call(program.main, *again).code == 0
    write(ROWS[::-1])
    said = call(program.main, *again)
    assert "the files of csv have changed since: rows it was trained on may be test" in said.error
    assert call(program.main, *again, "dataset.name=other").code == 0


def test_a_run_that_was_not_tested_knows_its_test_rows_too() -> None:
    write(ROWS)
    untested = ("evaluation.test=false", "dataset.validation_fraction=0.25", "training.epochs=1")
    assert call(program.main, *COMMAND, *untested, "tracking.run_name=second").code == 0
    write(ROWS[::-1])
    said = call(program.main, *COMMAND, "training.epochs=0", "init_from=second")
    assert "the files of csv have changed since" in said.error


def test_rows_that_were_trained_on_are_no_validation_rows_of_a_file_that_was_changed() -> None:
    write(ROWS)
    untested = ("evaluation.test=false", "dataset.validation_fraction=0.25", "training.epochs=1")
    assert call(program.main, *COMMAND, *untested, "tracking.run_name=third").code == 0
    again = (*COMMAND, *untested, "init_from=third")
    assert call(program.main, *again).code == 0
    write([*ROWS, "40,5;0,5;y\n", "41,5;0,5;y\n"])
    said = call(program.main, *again)
    expected = "the files of csv have changed since: rows it was trained on may be validation rows"
    assert expected in said.error


def test_a_class_is_known_by_what_stands_in_the_file_too() -> None:
    write(ROWS)
    named = ("dataset.class_names={en:[short,long]}", "tracking.run_name=named")
    assert call(program.main, *COMMAND, "training.epochs=1", *named).code == 0
    Path("c.csv").write_text("length,noise,kind\n2,0.5,x\n30,0.5,long\n", encoding="utf-8")
    said = call(predict_command.main, "named", "c.csv", "--truth", "kind", "--format", "csv")
    assert said.code == 0, said.error
    true = [row["true"] for row in csv.DictReader(said.out.splitlines())]
    assert true == ["short", "long"]


def test_figures_of_other_rows_say_so() -> None:
    write(ROWS)
    assert "are not those of the run" not in call(inspection.main, "first", "roc").error
    write(ROWS[::-1])
    said = call(inspection.main, "first", "roc")
    assert said.code == 0
    assert "the test images or rows are not those of the run" in said.error


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("dataset=weight-age training.batch_size=2", "a table: it is a network for images"),
        ("dataset=csv model=dense", "dataset=csv: give dataset.path=FILE"),
        ("dataset=folder", "dataset=folder: give dataset.path"),
        ("-m dataset=mnist,csv model=dense", "dataset=csv: give dataset.path=FILE"),
        ("-m sweep=kmnist-dense-tuned dataset=csv", "dataset=csv: give dataset.path=FILE"),
    ],
)
def test_what_cannot_be_trained_is_said_before_a_run_begins(
    chosen: str, message: str, tmp_path: Path
) -> None:
    with chdir(tmp_path):
        done = call(program.main, *chosen.split())
    assert done.code == 1
    assert message in done.error
    assert done.out == ""
    assert not list(tmp_path.iterdir())
