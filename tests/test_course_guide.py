"""The guides of the course: every command can be run, every number is the measured one."""

import re
import shlex
from pathlib import Path

import pytest

from experiments import guide, table
from runner.config import composition
from runner.datasets import __main__ as datasets_command
from runner.predict import inspect_arguments, predict_arguments
from runner.sweeps.preparation import check_command

GUIDES = {path.parent.name: path.read_text(encoding="utf-8") for path in table.GUIDES}
COMMAND = re.compile(r"python -m ([\w.]+)((?: [^\s`|]+)*)")
PROGRAMS = (
    *("versao3.py", "le_mnist.py", "regression.py", "abc1.py", "pele1.py", "mlp1.py", "mlp2.py"),
    *("pred2.py", "cnn1.py", "56.py", "plotafiltro2.py", "plotafiltro3.py", "ativacao01.py"),
    *("ativacao1.py", "cnn2.py"),
)


def commands(text: str) -> list[tuple[str, str]]:
    return list(dict.fromkeys(COMMAND.findall(text)))


@pytest.mark.parametrize("language", GUIDES)
def test_every_program_of_the_course_is_in_the_first_table(language: str) -> None:
    (programs,) = re.findall(
        r"^## Program\w+\n(.*?)^Files|^## Programas\n(.*?)^Os", GUIDES[language], re.M | re.S
    )
    listed = re.findall(r"`([\w]+\.py)`", "".join(programs))
    assert sorted(listed) == sorted(PROGRAMS)


def test_both_languages_have_the_same_commands_and_numbers() -> None:
    plain = []
    for text in GUIDES.values():
        told = [(m, re.sub(r" (--)?language[= ]pt", "", rest)) for m, rest in commands(text)]
        plain.append({(m, re.sub("FOLDER|PASTA|drawing|desenho", "X", r)) for m, r in told})
    assert plain[0] == plain[1]
    english, portuguese = (guide.MARKED.findall(text) for text in GUIDES.values())
    assert english == portuguese


@pytest.mark.parametrize(
    ("module", "rest"), sorted({one for text in GUIDES.values() for one in commands(text)})
)
def test_every_command_composes(
    module: str, rest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = shlex.split(rest)
    match module:
        case "runner":
            if check_command(arguments) is None:
                composition.compose_job(arguments)
        case "runner.inspect":
            parsed = inspect_arguments.parse_arguments(arguments)
            assert inspect_arguments.compose_figures(parsed.figures)
        case "runner.predict":
            predict_arguments.parse_arguments(arguments)
        case "runner.datasets":
            assert datasets_command._parser().parse_args(arguments).command
        case _:
            assert (Path(__file__).parents[1] / f"{module.replace('.', '/')}.py").is_file()


def test_numbers_follow_the_results() -> None:
    results = {"cnn1": {"seeds": [{"test_error": 0.01}, {"test_error": 0.02}]}}
    text = "before <!--cnn1-->old<!----> after"
    assert guide.with_numbers(text, results, {}) == (
        "before <!--cnn1-->1.500 ± 0.707 % (n = 2)<!----> after"
    )
    assert "1,500 ± 0,707" in guide.with_numbers(text, results, {}, comma=True)
    results["cnn1"]["ensemble"] = {"test_error": 0.005}  # type: ignore[assignment]
    assert guide.with_numbers("<!--cnn1:ensemble-->?<!---->", results, {}) == (
        "<!--cnn1:ensemble-->0.50 %<!---->"
    )
