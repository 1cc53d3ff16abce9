"""The help, in English from the comments in conf/, in Portuguese from help_pt.yaml."""

from pathlib import Path

import pytest

from runner.base.option_types import Language
from runner.config import help as help_text
from runner.config.run_config import CONF
from runner.config.search_path import group_files

TEXTS = help_text.translations("pt")


def test_portuguese_names_no_group_choice_or_value_that_is_not_there() -> None:
    text = (CONF / "config.yaml").read_text(encoding="utf-8")
    assert set(TEXTS["values"]) <= {key.partition("=")[0] for key, _ in help_text._values(text)}
    assert set(TEXTS["groups"]) == set(TEXTS["choices"])
    for group, choices in TEXTS["choices"].items():
        assert set(choices) <= {path.stem for path in group_files(group, CONF)}, group


def test_all_that_the_help_shows_is_in_portuguese(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = [(group, path.stem) for group in TEXTS["groups"] for path in group_files(group, CONF)]
    missing = [(group, name) for group, name in shown if name not in TEXTS["choices"][group]]
    assert missing == []
    help_text.show_help("pt")
    told = capsys.readouterr().out
    assert "Treina uma rede" in told
    assert "o que se classifica" in told
    assert "outputs/" in told
    assert "Single values" not in told


def test_what_has_no_translation_is_shown_in_english() -> None:
    translate = help_text._texts_in("pt")
    assert translate("My own data.", ["choices", "dataset", "my-own"]) == "My own data."
    assert translate("My own data.", ["choices", "nowhere", "my-own"]) == "My own data."
    assert help_text._texts_in("en")("The network.", ["groups", "model"]) == "The network."


@pytest.mark.parametrize("language", ["en", "pt"])
def test_what_is_told_fits_80_columns(
    language: Language, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal breaks a longer line where no one wants it; tables are broken by columns."""
    monkeypatch.setenv("COLUMNS", "400")
    help_text.show_help(language)
    told, _, rest = capsys.readouterr().out.partition("dataset  ")
    assert told.count("\n") > 10
    assert max(map(len, told.splitlines())) <= 80
    assert max(len(line) for line in rest.splitlines()[-3:]) <= 80


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("# A network.\n# Its options follow.\n", "A network."),
        ("# @package _global_\n# 2.0 % wrong. Its\n# layers are dense.\n", "2.0 % wrong."),
        ("# It falls to\n# 2.5e-8. It is small.\n#\n# Not this.\n", "It falls to 2.5e-8."),
        ("# Two numbers are wrong:\n# the first.\n", "Two numbers are wrong: the first."),
        ("# My own data\n\n# other.\n", "My own data"),
        ("# My own data\nname: mine\n# its shape.\n", "My own data"),
        ("name: mine\n", ""),
    ],
)
def test_a_choice_is_explained_by_whole_sentences(comment: str, shown: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(comment, encoding="utf-8")
    assert help_text.yaml_comment(tmp_path / "own.yaml") == shown


def test_no_explanation_in_conf_breaks_off() -> None:
    paths = [path for group in TEXTS["groups"] for path in group_files(group, CONF)]
    broken = [path for path in paths if help_text.yaml_comment(path)[-1:] not in ".?"]
    assert broken == []
