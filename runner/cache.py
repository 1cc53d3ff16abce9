"""Where the program keeps what it need not do twice."""

import os
from pathlib import Path


def cache() -> Path:
    """Return the directory of what the program keeps between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "runner"
