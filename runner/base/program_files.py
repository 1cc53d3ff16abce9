"""Folders of the program, at the top of a checkout or in the installed package, and of its user."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "keras-image-runner"
"""Name of the program on the package index."""

_PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = None if (_PACKAGE / "conf").is_dir() else _PACKAGE.parent
"""Folder of the repository; None where the program is installed from a wheel."""


def program_folder(name: str) -> Path:
    """Return a folder that belongs to the program."""
    return (CHECKOUT or _PACKAGE) / name


CONF = program_folder("conf")


def own_folder() -> Path | None:
    """Return the working folder where it has a `conf/`, else None."""
    folder = Path.cwd()
    return folder if (folder / "conf").is_dir() else None


def own_conf() -> Path | None:
    """Return the `conf/` of the working folder; None where there is none but the program's."""
    folder = own_folder()
    if folder is None or (folder / "conf").samefile(CONF):
        return None
    return folder / "conf"


def program_version() -> str:
    """Return the version of the program, as it is installed, or as the checkout says it."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        text = (program_folder("") / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])


def command_name() -> str:
    """Return what the program was called as: `runner`, or `python -m runner`."""
    return "runner" if Path(sys.argv[0]).name == "runner" else "python -m runner"


def is_program() -> bool:
    """Whether this process is a command of the program; not a notebook, nor a script of a user."""
    started = Path(sys.argv[0])
    return started.name == "runner" or started.is_relative_to(_PACKAGE)
