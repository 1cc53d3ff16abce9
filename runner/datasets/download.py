"""Downloads of data sets: locked, resumed, and verified before files get their names."""

from __future__ import annotations

from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path
from ssl import SSLError
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from filelock import FileLock
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from runner.base.atomic_files import publish
from runner.base.errors import DataError
from runner.config.dataset_config import DatasetConfig
from runner.config.own_path import check_path
from runner.datasets import file_search
from runner.datasets.source import Source
from runner.datasets.verification import read_verified

TIMEOUT = 15  # seconds without an answer
ATTEMPTS = 3  # for one file, each resuming the one before

_CHUNK = 1 << 16  # bytes
_PARTIAL = 206
_RANGE_NOT_SATISFIABLE = 416
_INTERRUPTIONS = (HTTPException, ConnectionError, TimeoutError, SSLError)


def obtain_files(config: DatasetConfig) -> list[Path]:
    """Return a complete set of the data set's files, downloaded where this machine has none.

    Raises:
        DataError: there is none; the message says which files are wanted, and all ways to get them.
        ConfigurationError: the user's own folder or file is not named, or not what it should be.
    """
    check_path(config)
    source: Source = config.source()
    if (found := file_search.find_files(source, config.data_dir)) is not None:
        return found
    try:
        return download_files(source)
    except DataError as error:
        raise DataError(
            f"{config.name} is not on this machine: {_advice(config, error)}"
        ) from error


def _advice(config: DatasetConfig, reason: DataError) -> str:
    source: Source = config.source()
    fetch = f"where there is internet, run `python -m runner.datasets fetch {config.name}`, or "
    get = f"{source.origin}; " if source.origin else ""
    return (
        f"{reason}; {fetch if source.download else get}put {', '.join(source.layouts[0])} into "
        f"{file_search.downloads()}, or into any directory and set RUNNER_DATA or "
        "dataset.data_dir to it"
    )


def download_files(source: Source) -> list[Path]:
    """Download the files of the source's first layout and verify their content.

    Several processes may do so at once: one downloads, the others wait and take its files.

    Raises:
        DataError: the files cannot be had, are not what they should be, or cannot be written.
    """
    if not source.download:
        raise DataError("no download is known for it")
    paths = [file_search.downloads() / file for file in source.layouts[0]]
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(paths[0].with_name(paths[0].name + ".lock")):
            _download_missing(source, paths)
    except OSError as error:
        raise DataError(f"{file_search.downloads()} cannot be written: {error}") from error
    return paths


def fetch_file(url: str, path: Path) -> None:
    """Download one file unless it is there; what it holds is for the caller to check.

    Raises:
        DataError: it cannot be had, or not be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock")), _progress() as progress:
            if not path.exists():
                _fetch(url, part, progress, progress.add_task(path.name, visible=False))
                part.rename(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error}") from error


def _download_missing(source: Source, paths: list[Path]) -> None:
    parts = {path: path.with_name(path.name + ".part") for path in paths if not path.exists()}
    if not parts:
        return
    if callable(source.download):
        for part in parts.values():
            source.download(part)
    else:
        _fetch_all(source, paths, parts)
    with ExitStack() as unless_right:
        for part in parts.values():
            unless_right.callback(part.unlink)
        read_verified(source, [parts.get(path, path) for path in paths], trust=False)
        unless_right.pop_all()
    for path, part in parts.items():
        publish(part, path)


def _fetch_all(source: Source, paths: list[Path], parts: dict[Path, Path]) -> None:
    addresses = dict(zip(paths, source.urls.values(), strict=True))
    with _progress() as progress:
        for path, part in parts.items():
            _fetch(addresses[path], part, progress, progress.add_task(path.name, visible=False))


def _fetch(url: str, part: Path, progress: Progress, task: TaskID) -> None:
    reason: Exception | str = "fewer bytes came than were announced"
    for _ in range(ATTEMPTS):
        try:
            if _transfer(url, part, progress, task):
                return
        except HTTPError as error:
            if error.code != _RANGE_NOT_SATISFIABLE:
                raise DataError(f"{url} cannot be downloaded: {error}") from error
            if error.headers.get("Content-Range") == f"bytes */{part.stat().st_size}":
                return
            part.unlink()  # longer than the file: of something else
        except URLError as error:
            raise DataError(f"{url} cannot be reached: {error.reason}") from error
        except _INTERRUPTIONS as error:
            reason = error
    raise DataError(f"the download of {url} was interrupted {ATTEMPTS} times: {reason}")


def _transfer(url: str, part: Path, progress: Progress, task: TaskID) -> bool:
    """Append what is missing of a file, or all where the server resumes nothing; is it complete?"""
    begin = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={begin}-"} if begin else {}
    request = Request(url, headers=headers)  # noqa: S310 - the configuration allows only http(s)
    with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
        begin = begin if response.status == _PARTIAL else 0
        length = response.headers.get("Content-Length")
        total = begin + int(length) if length else None
        progress.update(task, total=total, completed=begin, visible=True)
        with part.open("ab" if begin else "wb") as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                progress.advance(task, len(chunk))
            return total is None or file.tell() == total


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
