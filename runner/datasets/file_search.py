"""The search for the files of a data set on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from runner.base.cache import cache_folder
from runner.base.console import note
from runner.base.errors import ConfigurationError
from runner.base.program_files import own_conf, program_folder
from runner.datasets.source import Source

EMBEDDED = program_folder("data")
DEBIAN = Path("/usr/share/datasets")


def downloads() -> Path:
    """Return the directory for downloaded data sets."""
    return cache_folder() / "datasets"


def roots() -> list[Path]:
    """Return the directories searched for every data set, first to last."""
    chosen = _chosen()
    keras = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    own = [conf.with_name("data")] if (conf := own_conf()) else []
    return [*chosen, EMBEDDED, *own, downloads(), DEBIAN, keras]


def _chosen() -> list[Path]:
    """Return the directory of `$RUNNER_DATA`, if that is set; say so where there is none."""
    directory = os.environ.get("RUNNER_DATA")
    path = Path(directory).expanduser() if directory else None
    if path is not None and not path.is_dir():
        _say_missing(path)
    return [path] if path else []


@cache
def _say_missing(directory: Path) -> None:
    note(f"note: RUNNER_DATA={directory}: there is no such directory; nothing is searched in it")


def find_files(source: Source, data_dir: str | None = None) -> list[Path] | None:
    """Return the first complete set of a data set's files, or None.

    Where `data_dir` is given, it alone is looked into. It is meant for this data set, so that files
    are also found without the directory their layout puts them in; where the layout is one folder,
    `data_dir` may be it.

    Raises:
        ConfigurationError: there is no directory `data_dir`, or no complete set in it.
    """
    if data_dir is not None and source.layouts:
        return _in_data_dir(source, Path(data_dir).expanduser())
    return next(find_all_files(source), None)


def find_all_files(source: Source) -> Iterator[list[Path]]:
    """Yield every complete set of a data set's files, in the order of search.

    A data set made without files needs none: [].
    """
    if not source.layouts:
        yield []
    for root in roots():
        for layout in source.layouts:
            if found := _complete(root, layout):
                yield found


def _in_data_dir(source: Source, root: Path) -> list[Path]:
    if not _readable(root):
        raise ConfigurationError(f"dataset.data_dir={root}: there is no such directory")
    for layout in source.layouts:
        if found := _complete(root, layout) or _complete(root, [Path(f).name for f in layout]):
            return found
    if source.is_folder:
        return [root]
    layouts = ", or ".join(", ".join(layout) for layout in source.layouts)
    raise ConfigurationError(
        f"dataset.data_dir={root}: expected in it {layouts}, got no complete set of them; put them "
        "there, or leave dataset.data_dir out to search elsewhere"
    )


def _complete(root: Path, layout: list[str]) -> list[Path] | None:
    paths = [root / file for file in layout]
    unzipped = [path.with_suffix("") if path.suffix == ".gz" else path for path in paths]
    return next((files for files in (paths, unzipped) if all(map(_readable, files))), None)


def _readable(path: Path) -> bool:
    return os.access(path, os.R_OK)  # Path.exists raises in a directory that may not be entered
