"""The command `python -m runner.datasets`: list, verify and download data sets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from runner.base.command import WRONG_USE, Parser, run_command
from runner.base.console import say, show_error, show_table
from runner.base.errors import DataError
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog, file_search
from runner.datasets.download import obtain_files
from runner.datasets.loader import read_dataset
from runner.datasets.source import Source

PROGRAM = "python -m runner.datasets"
_HEADER = ("name", "title", "images", "task", "where")
_BELOW = "not here, see below"  # addresses are longer than the column

_INTERRUPTED = "interrupted; the same command goes on where it stopped"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return run_command(_run, arguments, interrupted=_INTERRUPTED, wrong_use=WRONG_USE)


def _run(arguments: Sequence[str]) -> bool:
    parsed = _parser().parse_args(arguments)
    match parsed.command:
        case "list":
            show()
            return True
        case "verify":
            return verify()
        case _:
            return fetch(parsed.names)


def show() -> None:
    """Print a table of all data sets and where they are."""
    rows, notes = [], []
    for config in map(catalog.configured, catalog.names()):
        found = file_search.find_files(config.source())
        where = _way(config) if found is None else _place(found)
        if where == _BELOW:
            notes.append(f"{config.name}: {_origin(config.source())}")
        images = "+".join(str(n or "?") for n in (config.train_images, config.test_images))
        rows.append([config.name, config.title, images, config.task().size, where])
    show_table(_HEADER, rows, right=False)
    for note in notes:
        say(note)


def verify() -> bool:
    """Decode every file found, check its digests, and print whether each is right.

    Returns:
        whether all are.
    """
    all_right = True
    for config in map(catalog.configured, catalog.names()):
        everywhere = _distinct(file_search.find_all_files(config.source()))
        if not everywhere:
            say(f"{config.name}: not on this machine")
        for paths in everywhere:
            try:
                read_dataset(config, paths, trust=False)
                say(f"{config.name}: {_place(paths)} is right")
            except DataError as error:
                all_right = False
                show_error(str(error))
    return all_right


def fetch(names: list[str]) -> bool:
    """Download and verify the named data sets, or all there are downloads for, unless here.

    Returns:
        whether all are ready.
    """
    all_ready = True
    for config in _asked(names):
        try:
            paths = obtain_files(config)
            read_dataset(config, paths)
            say(f"{config.name}: ready in {_place(paths)}")
        except DataError as error:
            all_ready = False
            show_error(str(error))
    return all_ready


def _asked(names: list[str]) -> list[DatasetConfig]:
    if "all" not in names:
        return [catalog.configured(name) for name in names]
    asked = []
    for config in map(catalog.configured, catalog.names()):
        source: Source = config.source()
        if source.download or file_search.find_files(source) is not None:
            asked.append(config)
        else:
            say(f"{config.name}: has no download; {source.origin}")
    return asked


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=PROGRAM, description="Prepare a machine, or a room of them without internet."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="show the data sets, and where they are on this machine")
    commands.add_parser("verify", help="check the content of every data set on this machine")
    fetch_parser = commands.add_parser("fetch", help="download data sets this machine lacks")
    fetch_parser.add_argument("names", nargs="+", metavar="NAME", help="a data set, or all")
    return parser


def _distinct(sets: Iterable[list[Path]]) -> list[list[Path]]:
    return list({tuple(path.resolve() for path in paths): paths for paths in sets}.values())


def _way(config: DatasetConfig) -> str:
    """Say how to get what is not on this machine."""
    return f"{PROGRAM} fetch {config.name}" if config.source().download else _BELOW


def _origin(source: Source) -> str:
    return source.origin or f"put {', '.join(source.layouts[0])} into {file_search.downloads()}"


def _place(paths: list[Path]) -> str:
    if not paths:
        return "the program itself"
    place = paths[0] if len(paths) == 1 else paths[0].parent
    return str(place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place)


if __name__ == "__main__":
    sys.exit(main())
