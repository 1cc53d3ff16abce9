"""Names of classes that are those of the folders of a user's pictures."""

from __future__ import annotations

from pathlib import Path

UNKNOWN = ["first folder", "second folder"]
"""Where no folder is named, as when all data sets are listed; a run then says that it lacks one."""


def class_folders(path: str | None) -> list[str]:
    """Return the names of classes for a YAML file, `${class_folders:FOLDER}`.

    Args:
        path: folder that holds a folder for each class; None, or one without, gives two
            placeholders, since `runner.config.dataset_checks` says more of it than Hydra would.
    """
    found = folders_in(path) if path is not None else []
    return found if len(found) >= len(UNKNOWN) else UNKNOWN


def folders_in(path: str) -> list[str]:
    """Return the names of the folders in a folder, sorted; hidden ones are none."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if each.is_dir() and each.name[0] != ".")
