"""The search for finished runs, by `latest`, name, id, folder, file or models:/..."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from glob import escape
from pathlib import Path

from runner.base.errors import ConfigurationError, StoreError
from runner.base.store_address import check_address, is_url
from runner.base.suggestions import nearest
from runner.tracking.folder_store import FOLDER, FolderStore
from runner.tracking.found_run import CONFIGURATION, NETWORK, REPORT, FoundRun
from runner.tracking.journal_index import JournalIndex
from runner.tracking.mlflow_store import DATABASE, reading_store
from runner.tracking.run_store import RunStore, StoredRun

OUTPUTS = Path("outputs")
NETWORK_FILES = (".keras", ".h5", ".hdf5")
_ID = set("0123456789abcdef")


def existing_stores(uri: str | None = None) -> list[RunStore]:
    """Return the existing stores, for reading: that of a uri, or those in `outputs/`.

    Their runs whose process has died are marked.
    """
    try:
        check_address(uri)
    except ValueError as error:
        raise ConfigurationError(f"{uri}: the address of a store {error}") from error
    stores = list(_stores(uri))
    for store in stores:
        with suppress(StoreError):  # said where it is asked for a run
            store.end_dead()
    return stores


def _stores(uri: str | None) -> Iterator[RunStore]:
    folder = Path(uri) if uri else OUTPUTS / FOLDER
    if uri is not None and is_url(uri):
        yield reading_store(OUTPUTS, uri)
        return
    if uri is None and ((OUTPUTS / DATABASE).is_file() or JournalIndex(OUTPUTS, uri).journals()):
        yield reading_store(OUTPUTS, uri)
    if folder.is_dir():
        yield FolderStore(folder)


def find_run(word: str, uri: str | None = None) -> FoundRun:
    """Find a finished run.

    Args:
        word: `latest`, or name, id, beginning of the id, or folder of the run, or a file in that
            folder, or a model that it registered (models:/NAME@ALIAS, models:/NAME/VERSION).
        uri: of the store; None means the stores in `outputs/`.

    Raises:
        ConfigurationError: no run matches, or several do.
    """
    path = as_path(word, uri)
    if path is not None and path.is_file() and not (path.parent / REPORT).is_file():
        raise ConfigurationError(f"{word}: a file of no finished run: {REPORT} is not beside it")
    if path is not None:
        return run_in_folder(path if path.is_dir() else path.parent, uri)
    store, stored = find_stored(word, uri)
    return FoundRun(stored.name, stored.folder, stored, store)


def as_path(word: str, uri: str | None = None) -> Path | None:
    """Return the file or folder that a word is, or the folder in `outputs/` of that name.

    A file or folder in the current directory that is of no run does not hide a run of its name.

    Returns:
        None where the word is the name or id of a run, `latest`, or models:/...

    Raises:
        ConfigurationError: there is no such file or folder.
    """
    path = Path(word)
    if path.exists():
        return None if hides_run(word, uri) else path
    if word.startswith("models:/"):
        return None
    if path.suffix in NETWORK_FILES or len(path.parts) > 1:
        raise ConfigurationError(f"{word}: there is no such file or folder")
    return next(OUTPUTS.glob(f"????-??-??/{escape(word)}/"), None) if uri is None else None


def hides_run(word: str, uri: str | None) -> bool:
    """Tell whether a word names a file or folder of no run, and a stored run, which is meant."""
    path = Path(word)
    return len(path.parts) == 1 and not _is_of_run(path) and _is_stored(word, uri)


def _is_of_run(path: Path) -> bool:
    """Tell whether a file or folder is a network, or was left by a run, finished or not."""
    if path.is_file():
        return path.suffix in NETWORK_FILES or (path.parent / REPORT).is_file()
    left = (REPORT, CONFIGURATION, NETWORK, f"seed-*/{NETWORK}")
    return any(next(path.glob(name), None) for name in left)


def _is_stored(name: str, uri: str | None) -> bool:
    """Tell whether a run of this name is in a store; one that does not answer has none."""
    if name == "latest":
        return True
    for store in existing_stores(uri):
        with suppress(StoreError):
            if store.find(name=name):
                return True
    return False


def run_in_folder(folder: Path, uri: str | None = None) -> FoundRun:
    """Return the run whose files are in a folder, with its store if there is one.

    Raises:
        ConfigurationError: the folder is not that of a finished run.
    """
    if not (folder / REPORT).is_file():
        raise ConfigurationError(f"{folder}: no folder of a finished run: it has no {REPORT}")
    name = folder.resolve().name
    stored = stored_of_folder(folder, uri)
    return FoundRun(name, folder, stored[1], stored[0]) if stored else FoundRun(name, folder)


def stored_of_folder(folder: Path, uri: str | None) -> tuple[RunStore, StoredRun] | None:
    """Return the finished run of a folder in its store, or None, also where none answers."""
    for store in existing_stores(uri):
        with suppress(StoreError):
            runs = store.find({"folder": str(folder.resolve())}, status="FINISHED")
            if runs:
                return store, runs[-1]
    return None


def find_stored(word: str, uri: str | None = None) -> tuple[RunStore, StoredRun]:
    """Find a finished run in the stores; see `find_run`."""
    stores = existing_stores(uri)
    if not stores and uri is not None:
        raise ConfigurationError(f"{word}: no file or folder, and {uri} is no folder with runs")
    if not stores:
        raise ConfigurationError(
            f"{word}: neither a file nor a folder, and there is no {OUTPUTS / DATABASE} and no "
            f"{OUTPUTS / FOLDER} with runs; change to the directory that they were started in, or "
            "name the store (--uri, or tracking.uri of a training)"
        )
    if word.startswith("models:/"):
        return _registered(word, stores)
    runs = list(_latest(stores) if word == "latest" else _matching(word, stores))
    return max(runs, key=lambda pair: pair[1].started)


def _registered(word: str, stores: list[RunStore]) -> tuple[RunStore, StoredRun]:
    registered = stores[0].registered(word, OUTPUTS / "fetched")
    if registered.run is None or not registered.run.level:
        raise ConfigurationError(f"{word}: it was not logged by a run of this program")
    return stores[0], registered.run


def _latest(stores: list[RunStore]) -> Iterator[tuple[RunStore, StoredRun]]:
    found = [(store, store.find({"level": "job"}, status="FINISHED")) for store in stores]
    if not any(runs for _, runs in found):
        raise ConfigurationError("latest: there is no finished run yet")
    yield from ((store, runs[-1]) for store, runs in found if runs)


def matching_runs(word: str, stores: list[RunStore]) -> list[tuple[RunStore, StoredRun]]:
    """Return the runs of a name, or else that whose id begins so, finished or not.

    Raises:
        ConfigurationError: several ids begin so.
    """
    found = [(store, run) for store in stores for run in store.find(name=word)]
    if not found and set(word) <= _ID:
        found = [(store, run) for store in stores for run in store.find(id_start=word)]
        if len(found) > 1:
            ids = ", ".join(run.run_id for _, run in found[:5])
            raise ConfigurationError(f"{word}: {len(found)} runs begin so ({ids}, ...); write more")
    return found


def _matching(word: str, stores: list[RunStore]) -> Iterator[tuple[RunStore, StoredRun]]:
    found = matching_runs(word, stores)
    if not found:
        finished = [run.name for store in stores for run in store.find(status="FINISHED")]
        near = _begun(word, finished) or nearest(word, {"latest", *finished})
        raise ConfigurationError(f"{word}: no file or folder, and no run of this name or id{near}")
    ended = [pair for pair in found if pair[1].status == "FINISHED" and pair[1].level != "sweep"]
    if not ended:
        last = found[-1][1]
        raise ConfigurationError(
            f"{word}: this {last.level or 'run'} is {last.status} and left no network; choose a "
            "finished run"
        )
    yield from ended


def _begun(word: str, names: list[str]) -> str:
    """Return "; did you mean ...?" with the latest names that begin so, or an empty string.

    They are long where much was changed, and people write what they begin with.
    """
    begun = [name for name in reversed(names) if name.startswith(word)]
    return f"; did you mean {' or '.join(list(dict.fromkeys(begun))[:2])}?" if begun else ""
