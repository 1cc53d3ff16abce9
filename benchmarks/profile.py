"""What the microseconds of a training step on a GPU go to: kernels by name, summed over an epoch.

python -m benchmarks.profile [OVERRIDE ...]      for example experiment=cnn1 precision=bfloat16
"""

import itertools
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN = 30


def main() -> None:
    """Train two epochs, the second under TensorFlow's profiler, and print its kernels."""
    steps, events = _profile(sys.argv[1:] or ["experiment=cnn1"])
    seconds: defaultdict[str, float] = defaultdict(float)
    calls: Counter[str] = Counter()
    for name, duration in events:
        seconds[name] += duration
        calls[name] += 1
    table = Table(title=f"{steps} steps, {len(events) / steps:.0f} kernels and copies a step")
    for column in ("kernel", "us a step", "times a step"):
        table.add_column(column, justify="left" if column == "kernel" else "right")
    for name, duration in sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]:
        table.add_row(name[:70], f"{duration / steps:.2f}", f"{calls[name] / steps:.1f}")
    table.add_section()
    table.add_row("all", f"{sum(seconds.values()) / steps:.1f}", "")
    Console(width=110).print(table)


def _profile(overrides: list[str]) -> tuple[int, list[tuple[str, float]]]:
    """Return the number of steps, and name and microseconds of everything the GPU did."""
    from runner import datasets
    from runner.base import device
    from runner.config import composition

    config = composition.compose_job([*overrides, "figures=[]"])
    place = device.prepare_device("gpu", config.precision, config.deterministic)
    data = datasets.load(config.dataset)
    import tensorflow as tf

    from runner.training.trainer import Trainer

    seeds = config.all_seeds
    trainer = Trainer(
        config, data.train, data.validation, data.task, place, remaining=len(seeds), say=print
    )
    trainer.compile()
    numbers, (stage,) = itertools.count(), trainer.stages
    stage.epoch(next(numbers), seeds)
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            stage.epoch(next(numbers), seeds)
        return stage.steps, list(_events(Path(folder)))


def _events(folder: Path) -> Any:
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space = xplane_pb2.XSpace()
    space.ParseFromString(next(folder.glob("**/*.xplane.pb")).read_bytes())
    for plane in space.planes:
        if not plane.name.startswith("/device:GPU"):
            continue
        for line in plane.lines:
            if "Stream" in line.name:
                for event in line.events:
                    yield plane.event_metadata[event.metadata_id].name, event.duration_ps / 1e6


if __name__ == "__main__":
    main()
