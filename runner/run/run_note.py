"""The note that a store shows beside a run: what was run, and how to go on with it."""

from __future__ import annotations

from pathlib import Path

from runner.config.help import yaml_comment
from runner.config.run_config import Config
from runner.config.search_path import group_files

_FURTHER = """\
```
runner inspect {name}            # figures of it, drawn later
runner predict {name} FILE ...   # its predictions for your own pictures
```"""


def run_note(config: Config) -> str:
    """Return a note in Markdown: the header of the experiment, or model and data in a sentence."""
    chosen, name = config.tracking.choices, config.tracking.run_name
    header = _header(_file("experiment", chosen.get("experiment")))
    if not header:
        model = _file("model", chosen.get("model"))
        header = f"{yaml_comment(model) if model else name} Trained on {config.dataset.title}."
    return f"{header}\n\n{_FURTHER.format(name=name)}"


def _header(path: Path | None) -> str:
    """Return the comment at the top of an experiment's file: a sentence, then its facts."""
    if path is None:
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    words = [line for line in comments if line and not line.startswith("@package")]
    facts = [line.split(maxsplit=1) for line in words[1:]]
    table = [f"- **{fact[0]}** {' '.join(fact[1:])}" for fact in facts]
    return "\n".join([*words[:1], "", *table])


def _file(group: str, choice: str | None) -> Path | None:
    return next((path for path in group_files(group) if path.stem == choice), None)
