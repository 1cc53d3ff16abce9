"""The command `python -m runner.datasets`: list, show, verify and download data sets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from runner.base.command import WRONG_USE, Parser, positive_int, run_command
from runner.base.console import say, show_error, show_table
from runner.base.errors import DataError
from runner.base.option_types import LANGUAGES
from runner.config import composition
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog, cats_dogs, file_search, kuzushiji_kanji
from runner.datasets.course_files import COURSE_FILES, obtain_course_file
from runner.datasets.dataset_display import show_dataset
from runner.datasets.download import obtain_files
from runner.datasets.loader import read_dataset
from runner.datasets.source import Source

PROGRAM = "python -m runner.datasets"
_HEADER = ("name", "title", "images", "task", "where")
_FIGURE = "training-images"
_BELOW = "not here, see below"  # addresses are longer than the column

_INTERRUPTED = "interrupted; the same command goes on where it stopped"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return run_command(_run, arguments, interrupted=_INTERRUPTED, wrong_use=WRONG_USE)


def _run(arguments: Sequence[str]) -> bool:
    parsed = _parser().parse_args(arguments)
    match parsed.command:
        case "list":
            show_list()
            return True
        case "show":
            return show(parsed)
        case "verify":
            return verify()
        case "prepare":
            return prepare(parsed)
        case _:
            return fetch(parsed.names)


def show_list() -> None:
    """Print a table of all data sets and where they are; long folders stand below it, once."""
    rows, notes, roots = [], [], list[Path]()
    for config in map(catalog.configured, catalog.names()):
        found = file_search.find_files(config.source())
        where = _way(config) if found is None else _below_root(found, roots)
        if where == _BELOW:
            notes.append(f"{config.name}: {_origin(config.source())}")
        images = "+".join(str(n or "?") for n in (config.train_images, config.test_images))
        rows.append([config.name, config.title, images, config.task().size, where])
    show_table(_HEADER, rows, right=False)
    for number, root in enumerate(roots, 1):
        say(f"({number}) is {root}")
    for note in notes:
        say(note)


def show(parsed: argparse.Namespace) -> bool:
    """Show the data set that the arguments of `show` name, used as they say; return True."""
    figure = (f"figures={_FIGURE}", f"figures.{_FIGURE}.each={parsed.each}")
    of_any_size = "training.batch_size=1"
    overrides = [f"dataset={parsed.name}", of_any_size, *figure, *parsed.changes]
    config = composition.compose_job(overrides)
    folder = parsed.output or Path("outputs") / "datasets" / config.dataset.name
    show_dataset(
        config.dataset, parsed.language or config.language, config.figures[_FIGURE], folder
    )
    return True


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
    tasks = [partial(_fetch_dataset, config) for config in _asked(names)]
    tasks += [partial(_fetch_course_file, name) for name in names if name in COURSE_FILES]
    ready = [_succeeds(task) for task in tasks]  # the next one is fetched though one fails
    return all(ready)


def prepare(parsed: argparse.Namespace) -> bool:
    """Sort the pictures of an archive into folders; return True."""
    if parsed.name == kuzushiji_kanji.NAME:
        return _prepare_kanji(parsed)
    folder = parsed.output or file_search.downloads() / cats_dogs.FOLDER
    counts = {split: getattr(parsed, split) for split in cats_dogs.COUNTS}
    folder.parent.mkdir(parents=True, exist_ok=True)
    cats_dogs.sort_pictures(parsed.archive, folder, counts)
    listed = ", ".join(f"{count:,} in {split}" for split, count in counts.items())
    say(f"sorted    {folder}: of each class {listed}")
    return True


def _prepare_kanji(parsed: argparse.Namespace) -> bool:
    folder = parsed.output or file_search.downloads() / kuzushiji_kanji.FOLDER
    folder.parent.mkdir(parents=True, exist_ok=True)
    classes = kuzushiji_kanji.sort_characters(parsed.archive, folder, parsed.classes)
    written = kuzushiji_kanji.write_choice(Path("conf"), classes)
    say(f"sorted    {folder}: {len(classes)} characters")
    place = f" dataset.data_dir={folder}" if parsed.output else ""
    say(f"written   {written}: dataset={kuzushiji_kanji.NAME}{place}")
    return True


def _succeeds(task: Callable[[], None]) -> bool:
    try:
        task()
    except DataError as error:
        show_error(str(error))
        return False
    return True


def _fetch_dataset(config: DatasetConfig) -> None:
    paths = obtain_files(config)
    read_dataset(config, paths)
    say(f"{config.name}: ready in {_place(paths)}")


def _fetch_course_file(name: str) -> None:
    for line in obtain_course_file(COURSE_FILES[name]):
        say(line)


def _asked(names: list[str]) -> list[DatasetConfig]:
    if "all" not in names:
        return [catalog.configured(name) for name in names if name not in COURSE_FILES]
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
    _add_show(commands.add_parser("show", help="show what is in a data set, before training on it"))
    commands.add_parser("verify", help="check the content of every data set on this machine")
    fetch_parser = commands.add_parser("fetch", help="download data sets this machine lacks")
    course = f"a data set, or all; {', '.join(COURSE_FILES)}: other files of the course"
    fetch_parser.add_argument("names", nargs="+", metavar="NAME", help=course)
    sort = "sort the pictures of an archive into the folders of a data set"
    _add_prepare(commands.add_parser("prepare", help=sort))
    return parser


def _add_show(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help="a data set")
    changes = "how it is used, for example dataset.data_dir=FOLDER dataset.validation_fraction=0.1"
    add("changes", metavar="KEY=VALUE", nargs="*", default=[], help=changes)
    add("--each", metavar="N", type=positive_int, default=10, help="images of each class (10)")
    add("--language", choices=LANGUAGES, help="of class names and texts (en)")
    add("--output", metavar="FOLDER", type=Path, help="for the figure: outputs/datasets/NAME")


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = "cats-dogs for dataset=cats-dogs-20000, or kuzushiji-kanji, whose YAML file is written"
    add("name", choices=["cats-dogs", kuzushiji_kanji.NAME], help=what)
    add("archive", metavar="ARCHIVE", type=Path, help="Kaggle's train.zip, or kkanji.tar")
    for split, count in cats_dogs.COUNTS.items():
        what = f"cats-dogs: pictures of each class in the folder {split} ({count})"
        add(f"--{split}", metavar="N", type=positive_int, default=count, help=what)
    what = "kuzushiji-kanji: characters, those with most pictures (100)"
    add("--classes", metavar="N", type=positive_int, default=100, help=what)
    folder = "to be made; otherwise one where data sets are downloaded to"
    add("--output", metavar="FOLDER", type=Path, help=folder)


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


def _below_root(paths: list[Path], roots: list[Path]) -> str:
    """Return the same below the searched directory that holds it, whose number stands before it."""
    place = Path(_place(paths))
    root = next((each for each in file_search.roots() if place.is_relative_to(each)), None)
    if not paths or root is None:
        return str(place)
    if root not in roots:
        roots.append(root)
    return f"({roots.index(root) + 1}) {place.relative_to(root)}"


if __name__ == "__main__":
    sys.exit(main())
