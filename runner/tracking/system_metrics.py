"""Metrics of the system in a run: CPU, memory, disk, network and, with nvidia-ml-py, GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import import_module
from threading import Event, Thread
from typing import Any, Protocol

_INTERVAL, _SAMPLES = 10.0, 6
"""Seconds between samples, and samples in one value: a run of less than a minute has none."""

_MONITORS = (
    ("cpu_monitor", "CPUMonitor"),
    ("disk_monitor", "DiskMonitor"),
    ("network_monitor", "NetworkMonitor"),
    ("gpu_monitor", "GPUMonitor"),
)


class Monitor(Protocol):
    """What measures the system."""

    def look(self) -> None:
        """Take a sample."""

    def means(self) -> dict[str, float]:
        """Return the means of the samples since the last call."""


@contextmanager
def system_metrics(log: Callable[[Mapping[str, float]], None], monitor: Monitor) -> Iterator[None]:
    """Give the means of each minute to a function while the context is open."""
    ended = Event()
    thread = Thread(target=_measure, args=(log, monitor, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_INTERVAL)  # a look that hangs is left alone


def _measure(log: Callable[[Mapping[str, float]], None], monitor: Monitor, ended: Event) -> None:
    while not ended.is_set():
        with suppress(Exception):  # whatever it is, the training goes on
            for _ in range(_SAMPLES):
                if ended.wait(_INTERVAL):
                    return
                monitor.look()
            means = monitor.means()
            if not ended.is_set():
                log(means)


class SystemMonitor:
    """MLflow's monitors, without what it combines them in: that opens the store.

    A database that is not yet there would then be created twice, and one of the two lost.
    """

    def look(self) -> None:
        """Take a sample; see `Monitor`."""
        for monitor in self._monitors:
            monitor.collect_metrics()

    def means(self) -> dict[str, float]:
        """Return the means of the samples since the last call."""
        means = [monitor.aggregate_metrics() for monitor in self._monitors]
        for monitor in self._monitors:
            monitor.clear_metrics()
        return {f"system/{name}": value for part in means for name, value in part.items()}

    @cached_property
    def _monitors(self) -> list[Any]:
        monitors = []
        for name, monitor in _MONITORS:
            with suppress(Exception):  # no GPU, or no nvidia-ml-py
                module = import_module(f"mlflow.system_metrics.metrics.{name}")
                monitors.append(getattr(module, monitor)())
        return monitors
