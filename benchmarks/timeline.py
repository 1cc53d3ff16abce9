"""What the seconds of a whole command go to: what its main thread does, one thing after another.

python -m benchmarks.timeline [OVERRIDE ...]      for example experiment=cnn1 seeds=10
python -m benchmarks.timeline --least 0.2 --depth 3 [OVERRIDE ...]

A thread looks a hundred times a second where the main thread is; it does so while that waits for
compiled code, too. `beside` is the processor time of all other threads in these seconds but its
own, of those that ended too.
"""

import argparse
import runpy
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread, main_thread
from types import FrameType

import psutil
from rich.console import Console
from rich.table import Table

PACKAGE = Path(__file__).resolve().parents[1] / "runner"
PROGRAM = PACKAGE / "__main__.py"
INTERVAL = 0.01
OUTLINE = "experiment.run"
"""What lies outside it is the same for every run."""


@dataclass
class Span:
    """What the main thread does for a while: functions of the program, the outermost first."""

    where: tuple[str, ...]
    start: float
    seconds: float = 0.0
    beside: float = 0.0


class Sampler:
    """Looks where the main thread is, until the process ends."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self.spans = [Span(("start of Python",), 0.0)]
        self._started = psutil.Process().create_time()
        Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        main, before, busy = main_thread(), 0.0, 0.0
        while True:
            now = time.time() - self._started
            worked = max(busy, _others(main))  # too little where the main thread ran in between
            where = _where(sys._current_frames().get(main.ident or 0), self._depth)
            if where != self.spans[-1].where:
                self.spans.append(Span(where, before))
            self.spans[-1].seconds += now - before
            self.spans[-1].beside += worked - busy
            before, busy = now, worked
            time.sleep(INTERVAL)


def _others(main: Thread) -> float:
    """Return the processor time of all threads, ended ones too, but the main and the calling."""
    own, of_all = time.thread_time(), time.process_time()
    return of_all - own - time.clock_gettime(time.pthread_getcpuclockid(main.ident or 0))


def _where(frame: FrameType | None, depth: int) -> tuple[str, ...]:
    """Return the functions of the program that are being called, from the outline of a run on."""
    names: list[str] = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE) and "/base/lazy" not in str(path):
            names.append(f"{path.stem}.{frame.f_code.co_qualname.replace('<locals>.', '')}")
        frame = frame.f_back
    names.reverse()
    inner = names[names.index(OUTLINE) :] if OUTLINE in names else names[-1:]
    return tuple(inner[: depth + 1])


def main() -> None:
    """Run a command in a process of its own, and say how long it took in all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--least", type=float, default=0.05, help="seconds that are shown")
    parser.add_argument("--depth", type=int, default=3, help="functions inside each other")
    parser.add_argument("--sampled", action="store_true", help=argparse.SUPPRESS)
    arguments, overrides = parser.parse_known_args()
    if arguments.sampled:
        _run(arguments.depth, arguments.least, overrides)
        return
    started = time.perf_counter()
    own = [sys.executable, "-m", "benchmarks.timeline", "--sampled", *sys.argv[1:]]
    code = subprocess.run(own, check=False).returncode
    print(f"{time.perf_counter() - started:.2f} s in all, until the process had ended")
    sys.exit(code)


def _run(depth: int, least: float, overrides: list[str]) -> None:
    sampler = Sampler(depth)
    sys.argv = [str(PROGRAM), *overrides]
    try:
        runpy.run_module("runner", run_name="__main__")
    finally:
        table = Table("second", "seconds", "beside", "what")
        for span in sampler.spans:
            if span.seconds >= least:
                numbers = (span.start, span.seconds, span.beside)
                table.add_row(*(f"{number:.2f}" for number in numbers), " > ".join(span.where))
        Console(width=160).print(table)


if __name__ == "__main__":
    main()
