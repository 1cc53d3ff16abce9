"""What a command imports with TensorFlow, and what a script of a user goes on with."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
sys.argv = {argv}
from runner.base.device import prepare_device
prepare_device("cpu", "float32", deterministic=False)
names = ("sklearn", "pandas", "matplotlib")
print(*[name for name in names if name in sys.modules])
import keras, matplotlib.figure, pandas, sklearn.metrics
print(keras.ops.sum([1.0, 2.0]).numpy(), pandas.DataFrame([3]).size)
"""


@pytest.mark.parametrize(
    ("argv", "own", "imported"),
    [
        (["runner"], "", ""),
        (["runner"], "conf/baselines", "sklearn pandas matplotlib"),
        (["their.py"], "", "sklearn pandas matplotlib"),
    ],
)
def test_a_command_leaves_out_what_keras_imports_for_others(
    argv: list[str], own: str, imported: str, tmp_path: Path
) -> None:
    (tmp_path / own).mkdir(parents=True, exist_ok=True)
    code = CODE.format(argv=argv)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.splitlines() == [imported, "3.0 1"], done.stderr


NOTED = """
import threading
import tensorflow
from runner.base import device
from runner.base.console import note
def list_physical_devices():
    thread = threading.Thread(target=lambda: note("note: the server does not answer"))
    thread.start(); thread.join()
    import os; os.write(2, b"of C++")
tensorflow.config.list_physical_devices = list_physical_devices
print(device._import_tensorflow())
"""


def test_what_another_thread_notes_meanwhile_is_shown() -> None:
    done = subprocess.run([sys.executable, "-c", NOTED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "of C++"
    assert done.stderr.splitlines()[-1] == "note: the server does not answer"
