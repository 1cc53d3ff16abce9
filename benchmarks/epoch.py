"""Time one epoch of cnn1 (MNIST, batch 100) of the runner and of its peers, in turn.

python -m benchmarks.epoch [--rounds 5] [--peers runner,keras-fit,...] [--json FILE]

Each peer is a process of its own; a round asks each for one epoch, one after the other, so that a
machine whose speed drifts is unfair to none. Ratios are formed within a round.
"""

import argparse
import json
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.peers import PEERS

REFERENCE = "keras-fit"


class Peer:
    """A process that trains an epoch whenever it is asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def wait(self) -> None:
        """Return when the first epoch, which compiles, is over."""
        assert self._process.stdout is not None
        if not any(line.strip() == "ready" for line in self._process.stdout):
            raise RuntimeError(f"python -m benchmarks.peers {self.name} ended before it was ready")

    def epoch(self) -> float:
        """Return the seconds of one more epoch."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def main() -> None:
    """Ask the peers in turn and print their epochs beside each other."""
    arguments = _arguments()
    seconds: dict[str, list[float]] = {name: [] for name in arguments.peers}
    peers = [Peer(name) for name in arguments.peers]
    try:
        for peer in peers:
            peer.wait()
        for _ in range(arguments.rounds):
            for peer in peers:
                seconds[peer.name].append(peer.epoch())
    finally:
        for peer in peers:
            peer.stop()
    if arguments.json:
        arguments.json.write_text(json.dumps(seconds, indent=2) + "\n")
    Console().print(_table(seconds))


def _arguments() -> argparse.Namespace:
    here = [name for name in PEERS if not name.startswith("torch") or find_spec("torch")]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=lambda text: text.split(","), default=here)
    parser.add_argument("--json", type=Path, help="write every single timing to this file")
    return parser.parse_args()


def _table(seconds: dict[str, list[float]]) -> Table:
    table = Table(title="one epoch of cnn1: 60 000 images, batch 100")
    for column in ("", "median s", "min s", "max s", f"ratio to {REFERENCE}: median (min .. max)"):
        table.add_column(column, justify="left" if not column else "right")
    for name, values in sorted(seconds.items(), key=lambda item: statistics.median(item[1])):
        row = [f"{number:.3f}" for number in (statistics.median(values), min(values), max(values))]
        table.add_row(name, *row, _ratio(values, seconds.get(REFERENCE)))
    return table


def _ratio(values: list[float], reference: list[float] | None) -> str:
    if not reference:
        return ""
    ratios = [value / other for value, other in zip(values, reference, strict=True)]
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} .. {max(ratios):.3f})"


if __name__ == "__main__":
    main()
