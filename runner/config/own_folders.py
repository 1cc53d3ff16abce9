"""A user's own folder of pictures, with a folder for each class: `dataset=folder`."""

from __future__ import annotations

from pathlib import Path

from runner.base.errors import ConfigurationError, DataError

UNKNOWN_CLASSES = ["first class", "second class"]
"""Where nothing is named, as when all data sets are listed; a run then says that it lacks it."""

WANTED = "dataset.path=FOLDER, which holds a folder of pictures for each class"
_SPLITS = {"train", "training", "test", "testing", "validation", "valid", "val"}
"""Names of folders that are no classes, where there are no others."""


def class_folders(path: str | None) -> list[str]:
    """Return the names of classes for a YAML file, `${class_folders:FOLDER}`.

    Args:
        path: folder that holds a folder for each class; None, or one without, gives two
            placeholders, since `check_folder` says more of it than Hydra would.
    """
    found = _folders_in(path) if path is not None else []
    return found if len(found) >= len(UNKNOWN_CLASSES) else UNKNOWN_CLASSES


def check_folder(path: str) -> None:
    """Raise ConfigurationError where a folder has no folders of classes in it."""
    if Path(path).expanduser().is_file():
        raise ConfigurationError(
            f"dataset.path={path}: it is a file; expected a folder that holds a folder of pictures "
            "for each class, or dataset=csv for a table"
        )
    if not Path(path).expanduser().is_dir():
        raise ConfigurationError(
            f"dataset.path={path}: there is no such folder; expected one that holds a folder of "
            "pictures for each class"
        )
    found = _folders_in(path)
    for name in found:
        check_name(name, Path(path))
    if len(found) < len(UNKNOWN_CLASSES) or len(_SPLITS & set(found)) == len(found):
        raise ConfigurationError(
            f"dataset.path={path}: expected a folder of pictures for each class, two or more, got "
            f"{', '.join(found) or 'none'}; where train and test are apart, copy "
            "conf/dataset/cats-dogs.yaml"
        )


def check_name(name: str, where: Path) -> None:
    """Raise DataError where a configuration that is read again would not have a name as it is."""
    if "${" in name:
        raise DataError(f"{where}: expected names without ${{, got {name!r}; rename it")


def _folders_in(path: str) -> list[str]:
    """Return the names of the folders in a folder, sorted; hidden ones are none."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if each.is_dir() and each.name[0] != ".")
