"""The files of a folder that has one folder for each class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from errno import EACCES
from pathlib import Path

from runner.base.errors import DataError

NO_CLASS = -1
_OF_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class File:
    """A file and the label of the folder it lies in, or NO_CLASS."""

    path: Path
    label: int


def list_class_files(folder: Path, classes: Sequence[str]) -> list[File]:
    """Return the files of all classes, which alternate, and those that belong to none.

    Raises:
        DataError: the folders are not those of the classes.
    """
    try:
        inside = sorted(
            path
            for path in folder.iterdir()
            if not _is_hidden_folder(path) and not _is_of_a_system(path.name)
        )
        folders = [path.name for path in inside if path.is_dir()]
        if sorted(classes) != folders:
            raise DataError(
                f"{folder}: expected one folder for each class, {', '.join(classes)}; got "
                f"{', '.join(folders) or 'none'}; correct the folders, or dataset.class_names"
            )
        of_classes = [_files_below(folder / name) for name in classes]
    except OSError as error:
        raise DataError(f"{folder}: expected a folder that can be read: {error}") from error
    progress: list[tuple[float, File]] = []
    for label, paths in enumerate(of_classes):
        progress += [((n + 0.5) / len(paths), File(p, label)) for n, p in enumerate(paths)]
    progress.sort(key=lambda pair: pair[0])
    lost = [File(path, NO_CLASS) for path in inside if path.name not in folders]
    return [file for _, file in progress] + lost


def _is_hidden_folder(path: Path) -> bool:
    """Tell whether a program keeps something here, such as `.ipynb_checkpoints`."""
    return path.name.startswith(".") and path.is_dir()


def _is_of_a_system(name: str) -> bool:
    """Tell whether macOS or Windows leaves a file of this name in folders that it shows."""
    return name in _OF_SYSTEMS or name.startswith("._")


def _files_below(folder: Path) -> list[Path]:
    """Return every file, through links to folders too, and none twice where these make a circle.

    Raises:
        OSError: a folder cannot be read.
    """
    found: list[Path] = []
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        if not os.access(place, os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), place)
        real = os.path.realpath(place)
        folders[:] = sorted(folders) if real not in seen else []
        found += [
            Path(place, name) for name in names if real not in seen and not _is_of_a_system(name)
        ]
        seen.add(real)
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise error
