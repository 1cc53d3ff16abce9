"""The folder of a training of minutes, which what happens after the training must not lose."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.merging import INTERRUPTED
from runner.base.errors import one_line


@contextmanager
def removed_when_kept(folder: Path) -> Iterator[None]:
    """Remove a folder once what it holds is kept elsewhere; where that fails, say where it lies.

    A command that ends by itself, with `sys.exit`, has kept what there is.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the training was done
        sys.exit(f"{one_line(error)}; what was trained is in {folder}")
    except KeyboardInterrupt:
        sys.exit(f"interrupted; what was trained is in {folder}")
    except SystemExit:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def beside(result: Path) -> Path:
    """Return a free name beside a result, for what may not take its place."""
    number, path = 1, result.with_suffix(INTERRUPTED)
    while path.exists():
        number += 1
        path = result.with_name(f"{result.stem}-{number}{INTERRUPTED}")
    return path
