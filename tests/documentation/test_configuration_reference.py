"""The configuration reference holds every option of the program, with its type in words."""

import re
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from docs.site.components import option_types
from docs.site.configuration import attributes, configuration_page
from docs.site.type_text import type_text
from docs.site.yaml_options import comments_in, header, load
from runner.base.option_types import Count, FolderName, Fraction, Interval, Seed
from runner.base.program_files import CONF
from runner.config import composition
from runner.config.search_path import group_files
from runner.config.training_config import TrainingConfig

GROUPS = [path.name for path in sorted(CONF.iterdir()) if path.is_dir() and path.name != "hydra"]


@pytest.fixture(scope="module")
def page() -> str:
    return configuration_page()


def keys_of(content: Any, prefix: str) -> set[str]:
    """Return the dotted keys of all values, those of mappings too."""
    if not isinstance(content, dict):
        return {prefix}
    return {prefix} | {
        k for key, value in content.items() for k in keys_of(value, f"{prefix}.{key}")
    }


@pytest.mark.parametrize("group", [*GROUPS, "hydra/launcher"])
def test_every_choice_is_there(page: str, group: str) -> None:
    listed, section = "| `{}` | ", page.partition(f"\n## {group}\n")[2].partition("\n## ")[0]
    for path in group_files(group):
        name = path.stem
        assert f"### {group}={name}\n" in section or listed.format(name) in section, name


def test_every_value_that_can_be_changed_is_there(page: str) -> None:
    rows = set(re.findall(r"^\| `([\w./-]+)` \|", page, re.M))
    plain = composition.compose_job([]).as_plain()
    for part in ("training", "evaluation", "features", "sweep"):
        assert keys_of(plain[part], part) - {part} <= rows
    assert {"seed", "seeds", "device", "precision", "language", "dataset.train_size"} <= rows
    options = load(CONF / "model/lenet.yaml").keys() - {"_target_"}
    assert {f"model.{name}" for name in options} <= rows


def test_each_option_has_a_type_in_words(page: str) -> None:
    rows = re.findall(r"^\| `[\w./-]+\.[\w./-]+` \| (.*?) \|", page, re.M)
    assert len(rows) > 150
    for shown in rows:
        assert shown, rows
        assert not re.search(r"Annotated|typing|<class|functools|\bNone\b", shown), shown


def test_an_option_that_no_signature_has_is_no_option() -> None:
    types = option_types("model", "runner.models.lenet.lenet")
    assert types["filters"] == "list of: whole number from 1"
    assert "input_shape" not in types


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (Count, "whole number from 1"),
        (Fraction, "number from 0, below 1"),
        (Seed, "whole number from 0, below 2,147,483,648"),
        (Annotated[float, Field(gt=0, le=5)], "number above 0, to 5"),
        (Literal["a", "b"], "`a`, `b`"),
        (Count | None, "whole number from 1; or null"),
        (None | str, "text; or null"),
        (dict[str, bool], "mapping of text to true or false"),
        (Interval, "[low, high]"),
        (FolderName, "a name that a folder can have"),
        (TrainingConfig, "mapping with the keys of TrainingConfig"),
    ],
)
def test_types_in_words(declared: Any, words: str) -> None:
    assert type_text(declared) == words


def test_comments_of_yaml() -> None:
    text = "# Head.\n#\n# More.\n_target_: a.b\nx: 1   # one\n       # and more\n"
    text += "y:\n  z: '#'\n  w: 2  # two\n"
    assert comments_in(text) == {("x",): "one and more", ("y", "w"): "two"}
    assert header("# @package _global_\n" + text) == "Head.\n\nMore."


def test_every_field_of_a_dataclass_is_explained() -> None:
    assert set(attributes(TrainingConfig)) == set(TrainingConfig.__dataclass_fields__)
    assert attributes(TrainingConfig)["checkpoint_minutes"].endswith("null is none.")
