"""The cache folder, where there is one."""

import os
import subprocess
import sys
from pathlib import Path

from runner.base.cache import limit_size

HOMELESS = """
import os, pwd
import numpy as np
pwd.getpwuid = {}.__getitem__  # KeyError: the system knows nothing of the user but a number
from runner.base.cache import cache_folder, limit_size, load_arrays, store_arrays
from runner.base.compiled_code import keep_compiled_code
from runner.datasets.file_search import roots
from runner.base.lazy import keras, mlflow
keep_compiled_code(deterministic=False)
path = cache_folder() / "features" / "some.npz"
store_arrays(path, features=np.zeros(3))
limit_size(path.parent, 1)
kept = load_arrays(path), "XLA_FLAGS" in os.environ, any(root.is_dir() for root in roots()[-3::2])
print(kept, keras.__name__, mlflow.entities.__name__)
"""


def test_a_user_without_a_home_goes_on_and_keeps_nothing(tmp_path: Path) -> None:
    """As with `docker run -u 12345`."""
    unknown = ("HOME", "XDG_CACHE_HOME", "KERAS_HOME", "XLA_FLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in unknown}
    done = subprocess.run(
        [sys.executable, "-c", HOMELESS],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert done.stdout == "(None, False, False) keras mlflow.entities\n", done.stderr
    assert list(tmp_path.iterdir()) == []  # Keras writes its options into `~` where it has no home


def test_what_was_read_stays_though_others_were_written_later(tmp_path: Path) -> None:
    """XLA does not touch what it reads."""
    times = {"read": (300, 100), "written": (200, 200), "neither": (100, 100)}
    for name, (read, written) in times.items():
        (tmp_path / name).write_bytes(bytes(1000))
        os.utime(tmp_path / name, (read, written))
    limit_size(tmp_path, 2e-6)
    assert {path.name for path in tmp_path.iterdir()} == {"read", "written"}
    limit_size(tmp_path, 1e-6)
    assert [path.name for path in tmp_path.iterdir()] == ["read"]
