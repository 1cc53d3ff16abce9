"""Reads mutated files, in a process of its own: `python -m fuzzing.reading FIRST COUNT OUT`.

A line of OUT is a case: how it ended, its seconds and megabytes. Nothing here may end the process;
what does was the fault of the case whose line is not complete.
"""

import faulthandler
import json
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from fuzzing.mutations import mutated
from fuzzing.readers import READERS, Reader
from runner.base import hdf5_probe
from runner.base.errors import RunnerError

SECONDS, MEGABYTES = 20, 1000
RUNS_CODE = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class")
ROOM = 6_000_000_000  # bytes that a case may map, so that no fault takes the machine with it
_events: list[str] = []


def main(first: int, count: int, out: Path) -> None:
    """Read `count` mutations of each file, from number `first` on, skipping what is in `out`."""
    warnings.simplefilter("ignore")
    sys.addaudithook(_watch)
    done = len(out.read_text().splitlines()) if out.exists() else 0
    with out.open("a") as lines, TemporaryDirectory() as folder:
        for number, (reader, seed) in enumerate(
            (reader, seed) for reader in READERS for seed in range(first, first + count)
        ):
            if number >= done:
                lines.write(f'{{"reader": "{reader.name}", "seed": {seed}')
                lines.flush()
                lines.write(f", {json.dumps(_case(reader, seed, Path(folder)))[1:]}\n")
                lines.flush()


def _case(reader: Reader, seed: int, folder: Path) -> dict[str, Any]:
    whole = folder / "whole" / reader.name.replace(" ", "-")
    if not whole.exists():
        (whole / reader.file).parent.mkdir(parents=True)
        reader.write(whole / reader.file)
        ended = _read(reader, whole)  # this also loads what is loaded late
        assert ended["ending"] == "read", ended
    place = folder / "case"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(whole, place)
    path = place / reader.file
    path.write_bytes(mutated(path.read_bytes(), Random(f"{reader.name} {seed}")))
    return _read(reader, place)


def _read(reader: Reader, place: Path) -> dict[str, Any]:
    _events.clear()
    before, started = _reset_peak(), time.monotonic()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + ROOM, hard))
    faulthandler.dump_traceback_later(2 * SECONDS, exit=True)  # where no Python is run to hear it
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        reader.read(place / reader.file)
        ending, fault, said = "read", "", ""
    except RunnerError as error:
        ending, fault, said = "refused", "several lines" * ("\n" in str(error)), str(error)
    except BaseException:  # noqa: BLE001 - whatever it is, it is what was looked for
        ending, fault, said = "fault", traceback.format_exc(), ""
    finally:
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    seconds, megabytes = time.monotonic() - started, (_status("VmHWM") - before) / 1e6
    if not fault and megabytes > MEGABYTES:
        fault = f"took {megabytes:.0f} MB"
    if not fault and _events:
        fault = f"ran {', '.join(_events)}"
    measured = {"seconds": round(seconds, 3), "megabytes": round(megabytes)}
    return {"ending": ending, "said": said, "fault": fault} | measured


def _watch(event: str, arguments: Any) -> None:
    if event in RUNS_CODE and hdf5_probe.__name__ not in str(arguments):
        _events.append(f"{event} {arguments}")


def _too_long(*_: object) -> None:
    raise TimeoutError(f"took {SECONDS} s")


def _reset_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
