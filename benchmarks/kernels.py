"""Time an epoch with convolutions as the runner chooses, as matrix products, and of the library.

python -m benchmarks.kernels [--rounds 3] [--seeds 1] [KEY=VALUE ...]

`chosen` is what the runner does: products where a pooling follows or a patch is small. `products`
makes all convolutions products; `library` has the convolutions and poolings of cuDNN and XLA, and
one optimizer step for each variable. All are compiled in one process; a round asks each for one
epoch, one after the other.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from benchmarks.seeds import epochs_of
from runner.training import conv_pool_fusion, engine, seed_group, seed_layers, stages

KINDS = ("chosen", "products", "library")
NOT_STACKED = "the library's own layers are wanted"


def main() -> None:
    """Time all in turn, and print seconds an epoch beside each other."""
    args = _arguments()
    peers = {}
    for kind in KINDS if args.seeds == 1 else KINDS[:2]:
        with kernels(kind):
            peers[kind] = epochs_of(args.overrides, args.seeds)
    seconds: dict[str, list[float]] = {kind: [] for kind in peers}
    for _ in range(args.rounds):
        for kind, (epoch, _) in peers.items():
            started = time.perf_counter()
            epoch()
            seconds[kind].append(time.perf_counter() - started)
    table = Table("kernels", "s an epoch", "min .. max", "s compiling")
    for kind, values in seconds.items():
        spread = f"{min(values):.4f} .. {max(values):.4f}"
        table.add_row(kind, f"{statistics.median(values):.4f}", spread, f"{peers[kind][1]:.1f}")
    Console(width=100).print(table)


@contextmanager
def kernels(kind: str) -> Iterator[None]:
    """Let networks that are built and traced here compute with one of `KINDS`."""
    with ExitStack() as stack:
        if kind == "products":
            stack.enter_context(patch.object(seed_layers, "LARGEST_PATCH", sys.maxsize))
        elif kind == "library":
            for module in (stages, seed_group):
                stack.enter_context(patch.object(module, "obstacle", lambda *_: NOT_STACKED))
            for module in (engine, conv_pool_fusion):
                stack.enter_context(patch.object(module, "fused", lambda _: nullcontext()))
        yield


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", default=["experiment=mnist-best"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
