"""The configuration reference, made of dataclasses, signatures and the YAML files in `conf/`."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_type_hints

from docs.site.components import choices, choices_with_options, functions
from docs.site.markdown_table import Row, code, table
from docs.site.type_text import first_sentence, type_text
from docs.site.yaml_options import comments_in
from runner.base.program_files import CONF
from runner.config import composition
from runner.config.dataset_config import DatasetConfig, OwnPictures
from runner.config.entries import TrackingConfig
from runner.config.run_config import Config
from runner.config.training_config import (
    DistillationConfig,
    FineTuningConfig,
    VirtualAdversarialConfig,
)

INTRODUCTION = """\
# Configuration

Made from the program when this site is built: keys and types from dataclasses and signatures,
which are what checks a command line; values and explanations from the files in `conf/`. A file is
chosen by `group=choice`, a value is changed by `key=value`:

```
python -m runner model=lenet model.filters=[32,64] training.epochs=5
python -m runner model=lenet --cfg job        # every value as composed
```"""
_HEAD = ("key", "type", "default", "what it is")
_IN_CONFIG = re.compile(r"^  - (\w+): [^#\n]*?(?:# (.*))?$", re.MULTILINE)
_LISTED = {"dataset", "tracking", "experiment", "sweep"}
"""Groups whose files hold no options of their own, or those of every other group."""

_NESTED = (
    ("training.fine_tuning", FineTuningConfig),
    ("training.virtual_adversarial", VirtualAdversarialConfig),
    ("training.distillation", DistillationConfig),
    ("dataset.own_pictures", OwnPictures),
    ("tracking", TrackingConfig),
)
_OF_ALL_DATA_SETS = {"relabel", "data_dir", "train_size", "validation_fraction", "validation_seed"}


def configuration_page() -> str:
    """Return the whole reference as Markdown."""
    text = (CONF / "config.yaml").read_text(encoding="utf-8")
    parts = [INTRODUCTION, *_values(text)]
    for group, comment in _IN_CONFIG.findall(text):
        parts += _group(group, comment)
    parts += _group("hydra/launcher", "how the jobs of a sweep are started")
    return "\n\n".join(parts) + "\n"


def _values(text: str) -> Iterator[str]:
    """Yield a section for each part of the configuration that is no component."""
    comments, plain = comments_in(text), composition.compose_job([]).as_plain()
    single: list[Row] = []
    sections: list[tuple[str, Any, dict[str, Any]]] = []
    for name, declared in get_type_hints(Config, include_extras=True).items():
        if is_dataclass(declared):
            sections.append((name, declared, plain[name]))
        elif (name,) in comments:
            row = (f"`{name}`", type_text(declared), code(plain[name]), comments[(name,)])
            single.append(row)
    yield "## Single values"
    yield table(_HEAD, single)
    for name, declared, values in [*sections, *((*nested, {}) for nested in _NESTED)]:
        yield f"### {name}\n\n{first_sentence(declared)}"
        yield table(_HEAD, list(_fields(name, declared, values)))


def _fields(prefix: str, declared: Any, values: dict[str, Any]) -> Iterator[Row]:
    """Yield a row for each field of a dataclass that a user writes.

    Args:
        prefix: of the keys.
        declared: the dataclass.
        values: defaults of the fields that have none.
    """
    hints, told = get_type_hints(declared, include_extras=True), attributes(declared)
    own = getattr(declared, "component", None)
    for field in (one for one in fields(declared) if one.name != own):
        of_choice = declared is DatasetConfig and field.name not in _OF_ALL_DATA_SETS
        value = code(values[field.name]) if field.name in values else _default(field)
        default = "of the data set" if of_choice else value
        yield f"`{prefix}.{field.name}`", type_text(hints[field.name]), default, told[field.name]


def _default(field: Field[Any]) -> str:
    return "-" if field.default is MISSING else code(field.default)


def attributes(documented: Any) -> dict[str, str]:
    """Return what a docstring says of each attribute, on one line."""
    _, _, block = (inspect.getdoc(documented) or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in block.partition("\n\n")[0].splitlines():
        if matched := re.match(r"    (\w+): (.*)", line):
            name, found[matched[1]] = matched[1], matched[2]
        elif name:
            found[name] += " " + line.strip()
    return {key: re.sub(r"\bNone\b", "null", text) for key, text in found.items()}


def _group(folder: str, comment: str) -> Iterator[str]:
    """Yield the section of a group: its choices, and their options."""
    yield f"## {folder}\n\n{comment[:1].upper()}{comment[1:]}."
    if folder not in _LISTED:
        yield from choices_with_options(folder)
        return
    yield choices(folder)
    if folder == "dataset":
        yield "### dataset.source\n\nWhat decodes or makes a data set."
        yield from functions(folder, "dataset.source", "data sets")
    if folder == "sweep":
        yield "### sweep.search\n\nWhat chooses the jobs."
        yield from functions(folder, "sweep.search", "searches")
