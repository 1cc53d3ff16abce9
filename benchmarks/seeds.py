"""Time an epoch of several seeds trained at once, of one after another, and of Keras' `fit`.

python -m benchmarks.seeds [--seeds 1,2,5,10,20] [--rounds 3] [--json FILE] [KEY=VALUE ...]

All are compiled in one process; a round asks each for one epoch, one after the other.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.peers import keras_fit
from runner import datasets
from runner.base import device
from runner.config import composition
from runner.training.trainer import Trainer

Epoch = Callable[[], object]


def main() -> None:
    """Time all in turn, and print seconds an epoch and a seed beside each other."""
    args = _arguments()
    epochs = {count: epochs_of(args.overrides, count) for count in args.seeds}
    seconds: dict[str, list[float]] = {}
    peers = {f"{count} at once": epoch for count, (epoch, _) in epochs.items()}
    if args.fit:
        peers["Keras fit"] = keras_fit(1)
        peers["Keras fit"]()
    for _ in range(args.rounds):
        for name, epoch in peers.items():
            started = time.perf_counter()
            epoch()
            seconds.setdefault(name, []).append(time.perf_counter() - started)
    compiled = {f"{count} at once": spent for count, (_, spent) in epochs.items()}
    _show(seconds, compiled)
    if args.json:
        content = {"overrides": args.overrides, "seconds": seconds, "compile_seconds": compiled}
        args.json.write_text(json.dumps(content, indent=1) + "\n")


def epochs_of(overrides: list[str], count: int) -> tuple[Epoch, float]:
    """Return what trains an epoch of so many seeds, and the seconds that compiling it took."""
    config = composition.compose_job([*overrides, "figures=[]", f"seeds={count}"])
    config = replace(config, seeds_together=count)
    place = device.prepare_device(config.device, config.precision, config.deterministic)
    data = datasets.load(config.dataset)
    trainer = Trainer(
        config, data.train, data.validation, data.task, place, remaining=count, say=print
    )
    seconds = trainer.compile()
    numbers, (stage,) = itertools.count(), trainer.stages
    return lambda: stage.epoch(next(numbers), config.all_seeds), seconds


def _show(seconds: dict[str, list[float]], compiled: dict[str, float]) -> None:
    table = Table()
    for column in ("seeds", "s an epoch", "min .. max", "s a seed", "s compiling"):
        table.add_column(column, justify="left" if column == "seeds" else "right")
    for name, values in seconds.items():
        median, count = statistics.median(values), name.split()[0]
        table.add_row(
            name,
            f"{median:.4f}",
            f"{min(values):.4f} .. {max(values):.4f}",
            f"{median / (int(count) if count.isdigit() else 1):.4f}",
            f"{compiled[name]:.1f}" if name in compiled else "",
        )
    Console(width=100).print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", default=["experiment=cnn1"])
    numbers = [1, 2, 5, 10, 20]
    parser.add_argument("--seeds", type=lambda text: [*map(int, text.split(","))], default=numbers)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-fit", dest="fit", action="store_false")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
