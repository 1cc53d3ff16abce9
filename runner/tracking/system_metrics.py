"""Metrics of the system in a run: CPU, memory, disk, network and, with nvidia-ml-py, GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Event, Thread

_INTERVAL, _SAMPLES = 10.0, 6
"""Seconds between samples, and samples in one value: a run of less than a minute has none."""


@contextmanager
def system_metrics(log: Callable[[Mapping[str, float]], None]) -> Iterator[None]:
    """Give the means of each minute to a function while the context is open."""
    ended = Event()
    thread = Thread(target=_measure, args=(log, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _measure(log: Callable[[Mapping[str, float]], None], ended: Event) -> None:
    with suppress(Exception):  # whatever it is, the training goes on
        if ended.wait(_INTERVAL):
            return
        module = import_module("mlflow.system_metrics.system_metrics_monitor")
        monitor = module.SystemMetricsMonitor("")  # its own thread, which asks the store, is unused
        while True:
            for _ in range(_SAMPLES):
                monitor.collect_metrics()
                if ended.wait(_INTERVAL):
                    return
            log({f"system/{name}": value for name, value in monitor.aggregate_metrics().items()})
            for each in monitor.monitors:
                each.clear_metrics()
