"""Inputs in files and folders, in order, with those that could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from runner.base.errors import ConfigurationError, RunnerError
from runner.datasets.picture_files import refusing_bombs
from runner.predict.inputs import input_arrays, input_pictures, input_tables
from runner.predict.inputs.picture_fitting import Frame, fit_picture
from runner.predict.inputs.sample import Failure, Sample

FOLDER = "folder"
"""What `truth` is where the name of a picture's folder is its class."""

_WORKERS = 4
_AT_ONCE = 256


@dataclass(frozen=True)
class InputReader:
    """A reader of files.

    Attributes:
        frame: what they are brought to.
        key: of arrays; see `input_arrays.read_array`.
        truth: FOLDER, or the name of an array or column that holds classes, or None.
        features: names of the columns of a table, where they are known.
    """

    frame: Frame
    key: str | None = None
    truth: str | None = None
    features: Sequence[str] = ()

    def read(self, path: Path) -> Iterator[Sample]:
        """Yield what a file holds.

        Raises:
            RunnerError: it cannot be read.
        """
        suffix, truth = path.suffix.lower(), None if self.truth == FOLDER else self.truth
        if suffix in input_arrays.SUFFIXES:
            yield from input_arrays.read_array(path, self.key, truth, self.frame)
        elif len(self.frame.shape) == 1:
            yield from input_tables.read_csv(path, truth, self.frame.shape[0], self.features)
        else:
            true = path.absolute().parent.name if self.truth == FOLDER else None
            values, preparation = fit_picture(
                input_pictures.read_picture(path, self.frame.like.background), self.frame
            )
            yield Sample(str(path), values, preparation, true)


def gather(files: Sequence[Path], reader: InputReader) -> Iterator[list[Sample | Failure]]:
    """Yield what files hold, in their order, a few hundred files at a time."""
    remaining = iter(files)
    with refusing_bombs(), ThreadPoolExecutor(_WORKERS) as workers:
        while chunk := list(islice(remaining, _AT_ONCE)):
            read = workers.map(lambda path: _tried(path, reader), chunk)
            yield [sample for samples in read for sample in samples]


def list_input_files(paths: Iterable[Path], is_table: bool) -> tuple[list[Path], list[Path]]:
    """Return the files that are named or in folders named, and those there left out by their name.

    Args:
        paths: of files and folders.
        is_table: whether tables are looked for in folders, or pictures.

    Raises:
        ConfigurationError: there is no such file, or nothing to be recognized in a folder, or one
            cannot be read.
    """
    suffixes = (
        *input_arrays.SUFFIXES,
        *(input_tables.SUFFIXES if is_table else input_pictures.SUFFIXES),
    )
    files: list[Path] = []
    left_out: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ConfigurationError(f"{path}: there is no such file or folder")
        inside = [path] if not path.is_dir() else _within(path)
        known = [file for file in inside if path == file or file.suffix.lower() in suffixes]
        if not known:
            raise ConfigurationError(
                f"{path}: expected files {', '.join(suffixes)} in this folder, got {len(inside)} "
                "others"
            )
        files += known
        left_out += sorted(set(inside) - set(known))
    return files, left_out


def check_truth(files: Iterable[Path], truth: str, is_table: bool) -> None:
    """Raise ConfigurationError where files, by their names, cannot say the truth in that way."""
    for path in files:
        is_named = is_table or path.suffix.lower() in (
            *input_arrays.SUFFIXES,
            *input_tables.SUFFIXES,
        )
        if is_named and truth == FOLDER:
            raise ConfigurationError(
                f"--truth {FOLDER}: is for pictures; of {path} give the name of an array of the "
                "npz, or of a column of the CSV, which hold classes"
            )
        if not is_named and truth != FOLDER:
            raise ConfigurationError(
                f"--truth {truth}: is for npz and CSV files; of {path} give --truth {FOLDER}, "
                "which takes the name of its folder as its class"
            )


def _within(folder: Path, above: frozenset[Path] = frozenset()) -> list[Path]:
    """Return the files in a folder, through links too, but not into the real folders above it.

    What is hidden, such as `.ipynb_checkpoints`, is left out.
    """
    real = folder.resolve()
    if real in above:
        return []
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(
            f"{folder}: expected a folder that can be read: {error}"
        ) from error
    found: list[Path] = []
    for path in inside:
        if path.is_dir():
            found += _within(path, above | {real})
        else:
            found.append(path)
    return found


def _tried(path: Path, reader: InputReader) -> list[Sample | Failure]:
    try:
        return list(reader.read(path))
    except RunnerError as error:
        reason = str(error).removeprefix(f"{path}: ")
    except Exception as error:  # noqa: BLE001 - whatever one file brings about, others are predicted
        reason = " ".join(f"{type(error).__name__}: {error}".split())
    return [Failure(str(path), reason)]
