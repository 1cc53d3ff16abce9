"""An interrupted run, found again by folder, name, id or `latest`, which goes on in its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from runner.base.errors import ConfigurationError
from runner.base.folder_lock import locked
from runner.base.stored_files import DIGESTS, reading
from runner.config import composition
from runner.config.command_line import parse_overrides, read_command_line
from runner.config.groups import check_foreign
from runner.config.run_config import Config
from runner.run.job import Job
from runner.run.run_folder import LOCKED, is_begun
from runner.tracking.found_run import CONFIGURATION, REPORT
from runner.tracking.run_finder import OUTPUTS, existing_stores, hides_run, matching_runs
from runner.tracking.run_store import StoredRun

_ALONE = {"resume", "tracking.uri"}


def resumed_job(arguments: Sequence[str]) -> Job | None:
    """Return the job that `resume=RUN` on a command line goes on with; None without it.

    Raises:
        ConfigurationError: there is no such run, it is finished, or other values are given too.
        DataError: its configuration is damaged.
    """
    command = read_command_line(arguments)
    if command.only_asks or command.multirun or not _mentions(command.overrides):
        return None
    values = {
        override.get_key_element(): override.value()
        for override in parse_overrides(command.overrides)
        if not override.is_sweep_override()  # Hydra refuses it
    }
    word, uri = values.get("resume"), values.get("tracking.uri")
    if word is None:
        return None
    if others := sorted(values.keys() - _ALONE):
        raise ConfigurationError(
            f"resume={word}: goes on as the run was configured; leave out {', '.join(others)}, or "
            f"take init_from={word} for another training"
        )
    return find_interrupted(str(word), None if uri is None else str(uri))


def find_interrupted(word: str, uri: str | None = None) -> Job:
    """Find an interrupted run; see `resumed_job`.

    Args:
        word: `latest`, or name, id, beginning of the id, or folder of the run.
        uri: of the store; None means the stores in `outputs/`.
    """
    folder = _folder(word, uri).absolute()
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    if not is_begun(folder):
        raise ConfigurationError(
            f"resume={word}: nothing was trained in {folder}; give the command of the run again"
        )
    with locked(folder, LOCKED):  # or its process would be waited for with TensorFlow loaded
        config = _configuration(folder)
    stored = _stored(folder, config.tracking.uri)
    if stored.status == "FINISHED" if stored else _is_whole(folder):
        raise ConfigurationError(
            f"resume={word}: {folder} is finished; init_from={word} trains its network further"
        )
    if stored and "sweep" in stored.tags:
        raise ConfigurationError(
            f"resume={word}: {folder} belongs to the sweep {stored.tags['sweep']}; give the "
            "command of the sweep again, it goes on with all of its runs"
        )
    return Job(config, folder, interrupted=stored)


def _mentions(overrides: list[str]) -> bool:
    return any(override.startswith("resume=") for override in overrides)


def _folder(word: str, uri: str | None) -> Path:
    path = Path(word)
    if path.exists() and not hides_run(word, uri):
        folder = path if path.is_dir() else path.parent
        candidates = [folder, folder.absolute().parent]  # of a seed
        found = next((each for each in candidates if (each / CONFIGURATION).is_file()), None)
        if found is None:
            raise ConfigurationError(f"resume={word}: no folder of a run: no {CONFIGURATION}")
        return found
    if len(path.parts) > 1:
        raise ConfigurationError(f"resume={word}: there is no such folder")
    run = _by_name(word, uri)
    if run.folder is None:
        raise ConfigurationError(f"resume={word}: the folder of {run.name} is gone; train it anew")
    return run.folder


def _by_name(word: str, uri: str | None) -> StoredRun:
    """Return the newest of the runs meant: for `latest` of those that were interrupted.

    One whose folder is gone, that still runs, or ran on another host is meant where no other is.
    """
    stores = existing_stores(uri)
    if word == "latest":
        jobs = [run for store in stores for run in store.find({"level": "job"})]
        runs = [run for run in jobs if run.status != "FINISHED" and "sweep" not in run.tags]
        runs = [run for run in runs if run.folder] or runs
        runs = [run for run in runs if run.status != "RUNNING"] or runs
    else:
        runs = [run for _, run in matching_runs(word, stores) if run.level == "job"]
    if not runs:
        known = "no run was interrupted" if word == "latest" else "no run of this name or id"
        raise ConfigurationError(f"resume={word}: {known} in {uri or OUTPUTS}")
    return max(runs, key=lambda run: run.started)


def _configuration(folder: Path) -> Config:
    with reading(folder / CONFIGURATION):
        composed = OmegaConf.to_container(OmegaConf.load(folder / CONFIGURATION), resolve=True)
        if not isinstance(composed, dict):
            raise TypeError("expected keys and values")
    plain: dict[str, Any] = {str(key): value for key, value in composed.items()}
    check_foreign(plain, str(folder))
    try:
        return composition.typed_config(plain)
    except ConfigurationError as error:
        raise ConfigurationError(f"{folder}: its configuration: {error}") from error


def _stored(folder: Path, uri: str | None) -> StoredRun | None:
    """Return the entry of a run in the store that it was configured for, or None."""
    runs = [
        run
        for store in existing_stores(uri)
        for run in store.find({"folder": str(folder.resolve()), "level": "job"})
    ]
    return max(runs, key=lambda run: run.started) if runs else None


def _is_whole(folder: Path) -> bool:
    """Tell whether a run that no store knows has written its last file."""
    several = any(folder.glob("seed-*"))
    return (folder / (REPORT if several else DIGESTS)).is_file()
