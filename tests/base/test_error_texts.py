"""Errors in Portuguese: each is what the program says, and none is half in English."""

import ast
import re
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

import runner
from runner.base import error_texts
from runner.base.error_texts import error_line, in_portuguese, message_in
from runner.base.errors import ConfigurationError
from runner.base.language import errors_in

ROOT = Path(runner.__file__).parent
TEXTS = yaml.safe_load((ROOT / "base/errors_pt.yaml").read_text(encoding="utf-8"))
FIELD = re.compile(r"\{(\w*)\}")
SEAMS = re.compile(r": |; |give |on it | its |10,000| in $|got |none|expected a number(?=,)")
"""Where the program puts texts together."""


def said() -> str:
    """Return all texts of the program, with {} for what is put into them."""
    texts = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (getattr(part, "value", "") for part in node.values)
                texts.append("".join(p if isinstance(p, str) else "{}" for p in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


def test_every_text_is_one_that_the_program_says() -> None:
    everything = said()
    for text in TEXTS["messages"]:
        longest = max(FIELD.split(text)[::2], key=len)
        assert all(part in everything for part in SEAMS.split(longest)), text


def test_both_languages_have_the_same_fields() -> None:
    for english, portuguese in {**TEXTS["messages"], **TEXTS["of_libraries"]}.items():
        assert set(FIELD.findall(portuguese)) <= set(FIELD.findall(english)), english
        assert len(set(FIELD.findall(english))) == len(FIELD.findall(english)), english


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        (
            "dataset=mnits: no such choice; did you mean mnist or kmnist? (a, b and 12 more)",
            "dataset=mnits: não existe tal escolha; você quis dizer mnist ou kmnist? "
            "(a, b e mais 12)",
        ),
        (
            "unrecognized arguments: --abc; see `python -m runner.predict --help`",
            "argumentos desconhecidos: --abc; veja `python -m runner.predict --help`",
        ),
        ("seeds=a: should be less than 1; what else is wrong", None),
        (
            "seed=1: should be less than 1; rate=0: should be greater than 0",
            "seed=1: deve ser menor que 1; rate=0: deve ser maior que 0",
        ),
        ("a=b: should be 'c' or 'd'", "a=b: deve ser 'c' ou 'd'"),
        (
            "model.filters=[3]: there is no model.filters",
            "model.filters=[3]: não existe model.filters",
        ),
        (
            "my file.png: there is no such file or folder",
            "my file.png: não existe tal arquivo ou pasta",
        ),
        (
            "KEY=x: no file or folder, and no run of this name or id; a teacher is trained before",
            "KEY=x: não é arquivo nem pasta, e nenhuma execução tem este nome ou id; "
            "um professor é treinado antes",
        ),
        ("a.csv: holds no such thing", None),
        (
            "a.csv: there is no column note; did you mean nota? (idade (anos), nota)",
            "a.csv: não existe a coluna note; você quis dizer nota? (idade (anos), nota)",
        ),
        (
            "a.csv: line 2, column preço (R$): expected a number, got nothing; correct it, or "
            "choose columns: \"dataset.feature_names=['A','B']\"",
            "a.csv: linha 2, coluna preço (R$): esperava um número, e não há nada; corrija, ou "
            "escolha colunas: \"dataset.feature_names=['A','B']\"",
        ),
        (
            "model.filters=[3;4]: commas stand between the values of a list: model.filters=[3,4]",
            "model.filters=[3;4]: entre os valores de uma lista há vírgulas: model.filters=[3,4]",
        ),
        (
            "argument --values: expected a number, with a point: 3.5; got '3,5'",
            "argumento --values: esperava um número com ponto: 3.5, não '3,5'",
        ),
        ("a: something else; b: there is no such file", None),
    ],
)
def test_a_message_is_translated_as_a_whole_or_not_at_all(
    english: str, portuguese: str | None
) -> None:
    assert in_portuguese(english) == portuguese
    shown = ("erro", portuguese) if portuguese else ("error", english)
    assert error_line(english, "pt") == shown
    assert error_line(english, "en") == ("error", english)
    assert message_in(english, "pt") == (portuguese or english)


def test_the_type_of_an_error_stays() -> None:
    loss = "the loss is nan in epoch 1; try a smaller optimizer.learning_rate"
    shown = "TrainingError: a perda é nan na época 1; tente optimizer.learning_rate menor"
    assert message_in(f"TrainingError: {loss}", "pt") == shown
    assert message_in(f"TrainingError: {loss}", "en") == f"TrainingError: {loss}"
    assert message_in("ValueError: what", "pt") == "ValueError: what"


def test_a_notebook_shows_the_same() -> None:
    with pytest.raises(ConfigurationError) as error, errors_in("pt"):
        raise ConfigurationError("a.png: there is no such file or folder")
    assert error.value._render_traceback_() == ["erro: a.png: não existe tal arquivo ou pasta"]
    assert error_texts.error_line("", "pt") == ("error", "")
