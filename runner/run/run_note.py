"""The note that a store shows beside a run: what was run, and how to go on with it."""

from __future__ import annotations

import re
from pathlib import Path

from runner.base.program_files import command_name
from runner.config.help import header_paragraphs, yaml_comment
from runner.config.run_config import Config
from runner.config.search_path import group_files

_FURTHER = """\
```
{command} inspect {name}            # figures of it, drawn later
{command} predict {name} FILE ...   # its predictions for your own pictures
```"""


def run_note(config: Config) -> str:
    """Return a note in Markdown: the header of the experiment, or model and data in a sentence."""
    chosen, name = config.tracking.choices, config.tracking.run_name
    header = _header(_file("experiment", chosen.get("experiment")))
    if not header:
        model = _file("model", chosen.get("model"))
        header = f"{yaml_comment(model) if model else name} Trained on {config.dataset.title}."
    return f"{header}\n\n{_FURTHER.format(command=command_name(), name=name)}"


def _header(path: Path | None) -> str:
    """Return the comment at the top of an experiment's file: a sentence, then its facts."""
    if path is None:
        return ""
    return "\n\n".join(
        re.sub(r"^(\w+) {2,}", r"- **\1** ", "\n".join(lines), flags=re.M)
        for lines in header_paragraphs(path)
    )


def _file(group: str, choice: str | None) -> Path | None:
    return next((path for path in group_files(group) if path.stem == choice), None)
