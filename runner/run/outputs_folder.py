"""What is said where `outputs/` cannot be written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.base.errors import ConfigurationError
from runner.tracking.run_finder import OUTPUTS

_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}


@contextmanager
def naming_outputs() -> Iterator[None]:
    """Say what helps where `outputs/` cannot be written.

    Raises:
        ConfigurationError: it is a file, on a disk that is read only, or of somebody else.
    """
    try:
        yield
    except OSError as error:
        path = Path(str(error.filename)).absolute()
        if error.errno not in _REFUSED or not path.is_relative_to(OUTPUTS.absolute()):
            raise
        raise ConfigurationError(
            f"{OUTPUTS}: cannot be written ({error.strerror}); start in another folder, or add "
            "hydra.run.dir=FOLDER (of a sweep hydra.sweep.dir=FOLDER) tracking=folder "
            "tracking.uri=FOLDER/runs"
        ) from error
