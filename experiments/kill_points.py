"""A small run of two seeds, killed with SIGKILL at every one of its file operations in turn.

    python -m experiments.kill_points                       a run, continued with resume=FOLDER
    python -m experiments.kill_points sweep                 a sweep, continued with its own command
    python -m experiments.kill_points sweep --points 5      at five of them, evenly spread
    python -m experiments.kill_points run --first 2 --step 3    at each third, from the second on
    python -m experiments.kill_points run --store mlflow

After each kill every file with its final name must be whole, and the continued run must have what
an undisturbed one has: weights, optimizer, predictions, history, and all of its report but times.
Prints what was found, and exits with 1 where that is not so.

Operations are those on files in the working folder: before and after a file is opened to be
written, before it is flushed, and before one is renamed or removed or a folder is made.

An attempt takes two seconds of a core: a process that has imported everything forks for each, and
TensorFlow runs its functions eagerly, since files are the subject and tracing took half the time.
"""

import argparse
import builtins
import gc
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import PIL.Image
import tensorflow as tf

from runner.__main__ import command_line
from runner.config import composition
from runner.models.network_digest import network_digest
from runner.run import fingerprint

SETTINGS = (
    *("device=cpu", "dataset=shapes-drawn", "dataset.train_size=44", "model=dense"),
    *("dataset.validation_fraction=0.25", "model.hidden_units=[4]", "model.hidden_dropout=0.3"),
    *("training.batch_size=16", "training.epochs=2", "training.checkpoint_minutes=0"),
    *("seeds=2", "callbacks=checkpoint", "figures=[learning-curves]"),
)
STORES = {"folder": ("tracking=folder",), "mlflow": ("tracking.log_model=false",)}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")


def main() -> None:
    """Count the operations of an undisturbed run, then kill one at each, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", nargs="?", choices=["run", "sweep"], default="run")
    parser.add_argument("--store", choices=[*STORES], default="folder")
    parser.add_argument("--points", type=int, default=0, help="so many, evenly spread; 0: all")
    parser.add_argument("--first", type=int, default=1, help="operation to be killed at first")
    parser.add_argument("--step", type=int, default=1, help="from it, each so many operations")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # figures are drawn by the process that is killed
    command = [*SETTINGS, *STORES[arguments.store]]
    if arguments.kind == "sweep":
        command = ["-m", *command, "sweep.name=kill"]
    started, failures = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        calm = Path(folder, "calm")
        import_module("matplotlib.backends.backend_agg")
        operations, code = attempt(command, calm)
        prepare(calm)
        expected = result(calm)
        if code or len(expected) < len(SETTINGS):
            sys.exit(f"the undisturbed run ended with {code}: {said(calm)}")
        chosen = list(range(arguments.first, operations + 1, arguments.step))
        if arguments.points:
            chosen = np.linspace(1, operations, arguments.points).round().astype(int).tolist()
        for done, point in enumerate(chosen):
            failures += killed_at(point, command, Path(folder, f"killed-{point}"), expected)
            print(f"{done + 1}/{len(chosen)}: {point}", *failures, file=sys.stderr, flush=True)
    found = {"operations": operations, "killed": len(chosen), "failures": failures}
    print(json.dumps(found | {"seconds": round(time.perf_counter() - started)}, indent=2))
    sys.exit(1 if failures else 0)


def killed_at(point: int, command: list[str], folder: Path, expected: dict[str, Any]) -> list[str]:
    """Kill a command at an operation, continue it, and say what is not as it should be."""
    _, code = attempt(command, folder, kill_at=point)
    wrong = [] if code == -signal.SIGKILL else [f"it ended with {code}"]
    wrong += [f"{name} is not whole after it was killed" for name in torn(folder)]
    again = continued(command, folder)
    _, code = attempt(again, folder)
    if code and "is finished" not in said(folder):
        wrong.append(f"{again} ended with {code}: {said(folder)}")
    found = result(folder)
    names = sorted(found.keys() | expected.keys())
    wrong += [f"{name} is another" for name in names if found.get(name) != expected.get(name)]
    shutil.rmtree(folder)
    return [f"operation {point}: {each}" for each in wrong]


def continued(command: list[str], folder: Path) -> list[str]:
    """Return what a user would do next: a sweep again, a run with `resume`, if it had begun."""
    runs = sorted(folder.glob("outputs/*/*/environment.json"))
    if command[0] == "-m" or not runs:
        return command
    return [f"resume={runs[0].parent.relative_to(folder)}"]


def attempt(command: list[str], folder: Path, kill_at: int = 0) -> tuple[int, int]:
    """Run a command in a child process; return its number of file operations, and its exit code."""
    folder.mkdir(exist_ok=True)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.chdir(folder)
        output = os.open(folder.with_suffix(".txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.argv = ["runner", *command]
        tf.config.run_functions_eagerly(True)
        count = count_operations(str(folder), kill_at)
        code = command_line()
        folder.with_suffix(".modules").write_text("\n".join(sys.modules), encoding="utf-8")
        os.write(write, str(count()).encode())
        os._exit(code)
    os.close(write)
    with os.fdopen(read) as counted:
        operations = int(counted.read() or 0)
    return operations, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepare(folder: Path) -> None:
    """Import and cache what the attempt in a folder did, for later ones to begin with."""
    for name in folder.with_suffix(".modules").read_text(encoding="utf-8").splitlines():
        with suppress(ImportError):
            import_module(name)
    fingerprint.code_version(composition.compose_job([*SETTINGS]))
    gc.collect()
    gc.freeze()  # a child's collection would write to, and so copy, all of this process' memory


def count_operations(folder: str, kill_at: int) -> Callable[[], int]:
    """Count this process' operations on files in a folder, and kill it at one of them."""
    count, opened, flush = 0, builtins.open, os.fsync

    def operation() -> None:
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def inside(path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and os.path.abspath(path).startswith(folder)  # noqa: PTH100

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        opens = event == "open" and bool(arguments[2] & WRITING)
        if (opens or event in CHANGES) and inside(arguments[0]):
            operation()

    def open_and_count(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        stream = opened(file, mode, *arguments, **options)
        if set(mode) & set("wax+") and inside(file):
            operation()
        return stream

    def flush_and_count(descriptor: Any) -> None:
        operation()
        flush(descriptor)

    sys.addaudithook(audit)
    builtins.open = io.open = open_and_count
    os.fsync = flush_and_count  # type: ignore[assignment]
    return lambda: count


def torn(folder: Path) -> list[str]:
    """Return the files that have their final name and are not whole."""
    named = [p for p in folder.rglob("[!.]*.*") if p.is_file() and "/." not in str(p)]
    return [path.relative_to(folder).as_posix() for path in named if not whole(path)]


def whole(path: Path) -> bool:
    """Tell whether a file of a run can be read to its end; Hydra's own files are not asked."""
    try:
        match path.suffix:
            case ".json":
                json.loads(path.read_text(encoding="utf-8"))
            case ".npz" | ".keras":
                with ZipFile(path) as archive:
                    return archive.testzip() is None
            case ".png":
                PIL.Image.open(path).load()
            case ".csv" | ".md":
                return path.read_text(encoding="utf-8").endswith("\n")
    except Exception:  # noqa: BLE001 - whatever a torn file leads to
        return False
    return True


def result(folder: Path) -> dict[str, Any]:
    """Return what runs in a folder have computed, by file; of runs that never began, nothing."""
    found: dict[str, Any] = {}
    begun = {path.parent for path in folder.glob("outputs/*/*/environment.json")}
    begun |= {path.parent for path in folder.glob("outputs/sweeps/*/jobs/*/environment.json")}
    for run in begun:
        for path in run.rglob("[!.]*"):
            if path.is_file() and (content := computed(path)) is not None:
                found[path.relative_to(run).as_posix()] = content
    return found


def computed(path: Path) -> Any:
    """Return the content of a file without times; None for one that holds nothing computed."""
    if path.name in ("report.json", "history.json"):
        return without_times(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".keras":
        return network_digest(path)
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return {name: arrays[name].tolist() for name in arrays}
    return "there" if path.suffix == ".png" else None


def without_times(content: Any) -> Any:
    """Leave out durations and rates."""
    if isinstance(content, dict):
        return {k: without_times(v) for k, v in content.items() if "second" not in k}
    return [without_times(each) for each in content] if isinstance(content, list) else content


def said(folder: Path) -> str:
    """Return the end of what the last attempt in a folder said."""
    return folder.with_suffix(".txt").read_text(encoding="utf-8")[-300:]


if __name__ == "__main__":
    main()
