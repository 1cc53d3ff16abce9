"""Metrics of the system while a run is open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Event

import mlflow
import pytest

from runner.tracking import system_metrics
from runner.tracking.system_metrics import SystemMonitor
from runner.tracking.system_metrics import system_metrics as measuring


def test_means_are_given_while_the_run_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_metrics, "_INTERVAL", 0.02)
    came, given = Event(), list[Mapping[str, float]]()

    def log(values: Mapping[str, float]) -> None:
        given.append(values)
        came.set()

    with measuring(log, SystemMonitor()):
        assert came.wait(30)
    assert 0 <= given[0]["system/cpu_utilization_percentage"] <= 100
    assert given[0]["system/system_memory_usage_megabytes"] > 0


def test_the_store_is_not_opened_which_another_thread_may_be_creating(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_metrics, "_INTERVAL", 0.02)
    before, came = mlflow.get_tracking_uri(), Event()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    try:
        with measuring(lambda _: came.set(), SystemMonitor()):
            assert came.wait(30)
    finally:
        mlflow.set_tracking_uri(before)
    assert not (tmp_path / "mlflow.db").exists()
