"""Damaged files of a run: each is named in one line."""

from pathlib import Path

import numpy as np
import pytest

from runner.base.errors import DataError
from runner.base.stored_files import DIGESTS, read_json, write_digests
from runner.evaluation.predictions_file import load_predictions
from runner.models.saved_networks import load_network
from runner.predict.inspected_run import _history
from runner.tracking.found_run import FoundRun
from runner.tracking.network_finder import find_network


def refusal(error: pytest.ExceptionInfo[DataError], path: Path) -> None:
    message = str(error.value)
    assert message.startswith(f"{path}: is damaged, restore it or repeat the run that wrote it: ")
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_damaged_report_or_history_is_named(content: bytes, tmp_path: Path) -> None:
    for name in ("report.json", "history.json"):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        FoundRun("run", tmp_path).report()
    refusal(error, tmp_path / "report.json")
    with pytest.raises(DataError) as error:
        _history(tmp_path)
    refusal(error, tmp_path / "history.json")


def test_a_history_of_no_numbers_is_named(tmp_path: Path) -> None:
    for text in ('{"loss": 3}', '{"loss": ["x"]}', '{"loss": null}'):
        (tmp_path / "history.json").write_text(text)
        with pytest.raises(DataError) as error:
            _history(tmp_path)
        refusal(error, tmp_path / "history.json")


@pytest.mark.parametrize("cut", [0, 1, 100, 300, -30])
def test_damaged_predictions_are_named(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    np.savez(path, labels=np.zeros(9), probabilities=np.zeros((9, 2)))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError) as error:
        load_predictions(path)
    refusal(error, path)


@pytest.mark.parametrize("shape", [(9, 0), (0, 2), (9,), (8, 2)])
def test_predictions_of_another_shape_are_named(shape: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    np.savez(path, labels=np.zeros(9 if shape[0] else 0, int), probabilities=np.zeros(shape))
    with pytest.raises(DataError) as error:
        load_predictions(path)
    refusal(error, path)


@pytest.mark.parametrize(
    "text", ["", "{", "- 1", "3", "dataset: 3", "language: de", "dataset: ${no.where}", "\0"]
)
def test_a_damaged_configuration_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "configuration").mkdir()
    path = tmp_path / "configuration/config.yaml"
    path.write_text(text)
    (tmp_path / "model.keras").touch()
    with pytest.raises(DataError) as error:
        find_network(str(tmp_path))
    refusal(error, path)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}')
    assert read_json(tmp_path / "a.json") == {"a": 1}


def test_a_file_that_is_another_one_is_refused(tmp_path: Path) -> None:
    for name in ("model.keras", "history.json", "report.json"):
        (tmp_path / name).write_text("{}")
    write_digests(tmp_path)
    assert _history(tmp_path) == {}
    assert set(read_json(tmp_path / DIGESTS)) == {"model.keras", "history.json", "report.json"}
    (tmp_path / "history.json").write_text('{"loss": [1]}')
    (tmp_path / "model.keras").write_text("another")
    for path, read in (
        ("history.json", lambda _: _history(tmp_path)),
        ("model.keras", load_network),
    ):
        with pytest.raises(DataError) as error:
            read(tmp_path / path)
        message = f"{tmp_path / path}: is not the file that its run has stored"
        assert str(error.value).startswith(message)
        assert "\n" not in str(error.value)


def test_damaged_notes_are_named_and_no_notes_are_none(tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text("{}")
    assert _history(tmp_path) == {}
    (tmp_path / DIGESTS).write_text("[")
    with pytest.raises(DataError) as error:
        _history(tmp_path)
    refusal(error, tmp_path / DIGESTS)
