"""Folders that belong to the program: at the top of a checkout, or inside the installed package."""

from __future__ import annotations

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


def ui_command() -> str:
    """Return the command that opens the runs of the working folder in MLflow's UI."""
    if Path.cwd() == CHECKOUT:
        return "make ui"
    return "mlflow ui --backend-store-uri sqlite:///outputs/mlflow.db --host 127.0.0.1"
