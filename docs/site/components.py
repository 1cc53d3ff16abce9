"""Components in the configuration reference: the options of functions that YAML files name."""

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from docs.site.markdown_table import Row, code, table
from docs.site.type_text import first_sentence, type_text
from docs.site.yaml_options import Keys, comments_in, header, load
from runner.config import groups
from runner.config.component import annotation
from runner.config.entries import BaselineConfig
from runner.config.groups import Group
from runner.config.search_path import group_files

_GROUPS = {one.folder: one for one in vars(groups).values() if isinstance(one, Group)}
_OPTIONS = ("key", "type", "value", "what it is")


def choices_with_options(folder: str) -> Iterator[str]:
    """Yield a section for each file of a group: what it is, and its options."""
    for path in group_files(folder):
        yield f"### {folder}={path.stem}\n\n{header(path.read_text(encoding='utf-8'))}"
        if rows := list(_options(folder, path)):
            yield table(_OPTIONS, rows)


def choices(folder: str) -> str:
    """Return a table of the files of a group, with the first paragraph of each."""
    rows = [(f"`{path.stem}`", _first_paragraph(path)) for path in group_files(folder)]
    return table(("choice", "what it is"), rows)


def functions(folder: str, key: str, names: str) -> Iterator[str]:
    """Yield the options of each function that the files of a group name at a key.

    Args:
        folder: of the group.
        key: of the configuration, that holds the component.
        names: what the files are called, for people.
    """
    used: dict[str, list[str]] = {}
    for path in group_files(folder):
        for _, component in _components(load(path)):
            used.setdefault(component["_target_"], []).append(f"`{path.stem}`")
    for target, files in sorted(used.items()):
        function = _GROUPS[folder].locate(target)
        yield f"#### {target}\n\n{first_sentence(function)} Of the {names} {', '.join(files)}."
        rows = [(f"`{key}.{name}`", type_text(kind)) for name, kind in _declared(function)]
        yield table(("key", "type"), rows)


@cache
def option_types(folder: str, target: str) -> dict[str, str]:
    """Return the types of the options of a component, and of what stands beside them."""
    declared = dict(_declared(_GROUPS[folder].locate(target)))
    if folder == BaselineConfig.group.folder:
        beside = inspect.get_annotations(BaselineConfig, eval_str=True)
        declared |= {name: beside[name] for name in ("train_size", "shifts")}
    return {name: type_text(kind) for name, kind in declared.items()}


def _options(folder: str, path: Path) -> Iterator[Row]:
    """Yield key, type, value and comment of each option in a file."""
    content, comments = load(path) or {}, comments_in(path.read_text(encoding="utf-8"))
    prefix = folder.replace("/", ".")
    for place, component in _components(content):
        types = option_types(folder, component["_target_"])
        for name, value in component.items():
            if name != "_target_":
                keys = (*place, name)
                shown = f"`{'.'.join((prefix, *keys))}`"
                yield shown, types[name], code(value), comments.get(keys, "")


def _components(content: Any, place: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield each mapping with `_target_`, and the keys that lead to it."""
    if isinstance(content, dict):
        if "_target_" in content:
            yield place, content
        for key, value in content.items():
            yield from _components(value, (*place, str(key)))


def _declared(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            yield parameter.name, annotation(function, parameter)


def _first_paragraph(path: Path) -> str:
    paragraph = header(path.read_text(encoding="utf-8")).partition("\n\n")[0]
    return " ".join(paragraph.split())
