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

ROOT = Path(__file__).parents[1]
GUIDES = {
    path.parent.name: path.read_text(encoding="utf-8")
    for path in (ROOT / name for name in table.TEXTS)
    if path.name == "course.md"
}
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
            check_command(arguments)
        case "runner.inspect":
            parsed = inspect_arguments.parse_arguments(arguments)
            assert parsed.save or inspect_arguments.compose_figures(parsed.figures)
        case "runner.predict":
            predict_arguments.parse_arguments(arguments)
        case "runner.datasets":
            assert datasets_command._parser().parse_args(arguments).command
        case _:
            assert (Path(__file__).parents[1] / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("language", GUIDES)
def test_every_option_that_the_course_names_composes(language: str) -> None:
    named = re.split("^## ", GUIDES[language], flags=re.M)[-2]
    options = re.findall(r"^\|[^|]*\| `(\S+=[^`]*)`", named, re.M)
    assert len(options) == 15
    for option in options:
        composition.compose_job(["experiment=cnn1", *option.split()])


def test_what_was_not_run_is_said_and_what_is_unknown_is_an_error() -> None:
    missing = {"vgg-3x3": {"missing": "why"}}
    text = "<!--vgg-3x3-->?<!---->"
    assert guide.with_numbers(text, {}, missing) == "<!--vgg-3x3-->not run yet<!---->"
    assert "ainda não" in guide.with_numbers(text, {}, missing, comma=True)
    with pytest.raises(KeyError):
        guide.with_numbers("<!--vgg-3x4-->?<!---->", {}, missing)


def test_another_metric_of_a_result_can_be_named() -> None:
    seeds = [{"test_error": 0.01, "fitted_error": e, "auc": 1 - e} for e in (0.01, 0.03)]
    text = "<!--a:fitted_error-->?<!----> <!--a:auc-->?<!---->"
    assert guide.with_numbers(text, {"a": {"seeds": seeds}}, {}) == (
        "<!--a:fitted_error-->2.000 ± 1.414 % (n = 2)<!----> "
        "<!--a:auc-->0.9800 ± 0.0141 (n = 2)<!---->"
    )


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
