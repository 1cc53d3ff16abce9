"""What is said where `outputs/`, or another folder for a run, cannot be written."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.base.errors import ConfigurationError
from runner.tracking.run_finder import OUTPUTS

_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
_CHOSEN = ("hydra.run.dir", "hydra.sweep.dir")


@contextmanager
def naming_outputs() -> Iterator[None]:
    """Say what helps where `outputs/`, or a folder that the command line names, is not writable.

    Raises:
        ConfigurationError: it is a file, on a disk that is read only, or of somebody else.
    """
    try:
        yield
    except OSError as error:
        path = Path(str(error.filename)).absolute()
        if error.errno not in _REFUSED:
            raise
        if chosen := _chosen(path):
            raise ConfigurationError(
                f"{chosen}: cannot be written ({error.strerror}); choose another folder"
            ) from error
        if not path.is_relative_to(OUTPUTS.absolute()):
            raise
        raise ConfigurationError(
            f"{OUTPUTS}: cannot be written ({error.strerror}); start in another folder, or add "
            "hydra.run.dir=FOLDER (of a sweep hydra.sweep.dir=FOLDER) tracking=folder "
            "tracking.uri=FOLDER/runs"
        ) from error


def _chosen(path: Path) -> str:
    """Return the argument whose folder a path is in, or is to be made in; empty without one."""
    for argument in sys.argv[1:]:
        key, _, name = argument.partition("=")
        folder = Path(name.strip("'\"")).absolute()
        if key in _CHOSEN and (path.is_relative_to(folder) or folder.is_relative_to(path)):
            return argument
    return ""
