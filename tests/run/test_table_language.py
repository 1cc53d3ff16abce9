"""The closing table and errors in Portuguese."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from runner.base.command import language_of, run_command
from runner.base.console import console
from runner.base.device import Device
from runner.base.errors import DataError
from runner.config.composition import compose_job
from runner.evaluation.predictions import Predictions
from runner.run.closing_table import closing_rows, error_text
from runner.run.result import summarize
from runner.run.run_display import show_configuration
from runner.run.table_language import in_language, rows_in_language, value_in_language

LABELS = np.arange(10_000) % 2
PROBABILITIES = np.eye(2, dtype=np.float32)[np.where(np.arange(10_000) < 24, 1 - LABELS, LABELS)]


def rows(**more: Any) -> Iterator[str]:
    metrics = {"test_error": 0.0066, "test_errors": 66, "test_images": 10_000}
    classes = {name: {"precision": 0.5, "recall": 0.5, "f1": 0.5} for name in ("gato", "cão")}
    macro = {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    report = metrics | {"classes": classes, "macro": macro, "seed": 0} | more
    reports = [report | {"seed": seed, "test_error": 0.0066 + 0.0017 * seed} for seed in range(3)]
    summary = summarize(reports) | {"ensemble": metrics | {"networks": 3}}
    yield error_text(report)
    for name, value in closing_rows(reports, summary):
        yield from (name, value)


def test_the_closing_table_is_translated_word_by_word() -> None:
    told = [in_language(text, "pt") for text in rows()]
    assert told[1] == "erro de teste"
    assert "  intervalo de 95 % de confiança da média" in told
    assert "  conjunto de 3 redes" in told
    assert "precisão, revocação, F1: média" in told
    assert "  gato" in told
    assert list(rows()) == [in_language(text, "en") for text in rows()]


def test_names_of_classes_stay_as_they_are() -> None:
    assert in_language("  lowest F1: Pulôver", "pt") == "  menor F1: Pulôver"
    assert in_language("seed 3", "pt") == "semente 3"


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("0.66 % (66 of 10,000 wrong)", "0,66 % (66 de 10\N{NO-BREAK SPACE}000 erradas)"),
        ("0.830 ± 0.170 %", "0,830 ± 0,170 %"),
        ("32.98 .. 34.83 %", "32,98 .. 34,83 %"),
        ("0.541  0.206  0.299", "0,541  0,206  0,299"),
        ("0.541  0.206  0.299  (3.00 % wrong)", "0,541  0,206  0,299  (3,00 % erradas)"),
        ("0.275 s, 36,328 images/s", "0,275 s, 36\N{NO-BREAK SPACE}328 imagens/s"),
        ("0.017 s, 1,175 rows/s", "0,017 s, 1\N{NO-BREAK SPACE}175 linhas/s"),
        ("2.5e-08", "2,5e-08"),
        ("none", "nenhum"),
    ],
)
def test_numbers_have_a_comma_in_portuguese(english: str, portuguese: str) -> None:
    assert value_in_language(english, "pt") == portuguese
    assert value_in_language(english, "en") == english
    assert portuguese.encode("cp1252")  # a terminal of Windows


@pytest.mark.parametrize(
    ("device", "portuguese"),
    [
        (
            Device(False, "AMD EPYC 7B12, 2 cores", "device=auto: TensorFlow found no GPU"),
            "AMD EPYC 7B12, 2 núcleos (device=auto: o TensorFlow não achou GPU)",
        ),
        (
            Device(
                *(False, "AMD EPYC 7B12, 2 cores"),
                "device=auto: TensorFlow found no GPU: CUDA libraries are missing; install the "
                "extra [cuda]",
            ),
            "AMD EPYC 7B12, 2 núcleos (device=auto: o TensorFlow não achou GPU: faltam as "
            "bibliotecas de CUDA; instale o extra [cuda])",
        ),
        (Device(False, "Xeon, 8 cores", "device=cpu"), "Xeon, 8 núcleos (device=cpu)"),
        (
            Device(True, "NVIDIA H100 80GB HBM3", "device=gpu: TensorFlow found 2 GPU(s)"),
            "NVIDIA H100 80GB HBM3 (device=gpu: o TensorFlow achou 2 GPU(s))",
        ),
    ],
)
def test_the_device_of_a_run_is_told_in_portuguese(
    device: Device,
    portuguese: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "width", 200)
    for language, told in (("pt", portuguese), ("en", f"{device.name} ({device.reason})")):
        show_configuration(compose_job([f"language={language}"]), device)
        last = capsys.readouterr().out.splitlines()[-1]
        assert last.split(maxsplit=1)[1].rstrip() == told


def test_names_in_a_table_keep_their_points() -> None:
    table = [["", "test error", "fit"], ["svm-0.5", "2.50 %", "1.5 s"]]
    assert rows_in_language(table, "pt") == [
        ["", "erro de teste", "ajuste"],
        ["svm-0.5", "2,50 %", "1,5 s"],
    ]
    assert in_language("  lowest F1: 1.5", "pt") == "  menor F1: 1.5"


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["model=lenet", "language=pt"], "pt"),
        (["latest", "--language", "pt"], "pt"),
        (["latest", "--language=pt"], "pt"),
        (["language=fr"], "en"),
        (["--output", "pt"], "en"),
        ([], "en"),
    ],
)
def test_the_language_is_that_of_the_command_line(arguments: list[str], language: str) -> None:
    assert language_of(arguments) == language


def test_an_error_is_in_the_language_or_as_a_whole_in_english(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(arguments: Any) -> bool:
        raise DataError(arguments[0])

    for message, shown in (
        ("a: there is no such file", "erro: a: não existe tal arquivo"),
        ("what [is] not known", "error: what [is] not known"),
    ):
        assert run_command(fail, [message, "language=pt"]) == 1
        assert capsys.readouterr().err == f"{shown}\n"
        assert run_command(fail, [message]) == 1
        assert capsys.readouterr().err == f"error: {message}\n"


def test_counts_have_wilsons_interval_and_the_sd_what_the_binomial_gives() -> None:
    told = list(rows(**Predictions(LABELS, PROBABILITIES).errors("test")))
    assert (
        told[told.index("  sd by the binomial alone") + 1] == "0.091 %"
    )  # sqrt(.0083 * .9917 / n)
    alone = [{**Predictions(LABELS, PROBABILITIES).errors("test"), "seed": 0}]
    closing = dict(closing_rows(alone, summarize(alone)))
    assert closing["test error"] == "0.24 % (24 of 10,000 wrong)"
    assert closing["  95 % interval (Wilson)"] == "0.16 .. 0.36 %"
