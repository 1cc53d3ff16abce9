"""What a run sends to a store, beside its files: parameters, data, metrics, tables, images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runner.base.atomic_files import write_text
from runner.base.environment import git_diff
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.figures.training_recorder import Recorder
from runner.run.logged_metrics import class_table, final_metrics
from runner.run.logged_parameters import logged_parameters
from runner.run.result import Result
from runner.run.run_note import run_note
from runner.run.used_data import data_of_test, data_of_training
from runner.tracking.open_run import OpenRun


def seed_tags(config: Config, fingerprint: str) -> dict[str, str]:
    """Return the tags that the run of each seed has for people: a note, and its group.

    Args:
        config: of the run.
        fingerprint: of the job, so that jobs of the same name are different groups.
    """
    group = f"{config.tracking.run_name} {fingerprint[:6]}"
    return {"note": run_note(config), "group": group}


def job_tags(config: Config, fingerprint: str) -> dict[str, str]:
    """Return the same of a job; the mean of several seeds is in no group, or it counted twice."""
    tags = seed_tags(config, fingerprint)
    return {"note": tags["note"]} if len(config.all_seeds) > 1 else tags


def describe_run(run: OpenRun, config: Config, data: Dataset, seed: int | None = None) -> None:
    """Log the parameters and the data of a run over all seeds, or of one of its seeds."""
    run.log_parameters(logged_parameters(config, seed))
    run.log_data(list(data_of_training(config, data)))


def log_changes(run: OpenRun, folder: Path) -> None:
    """Write what is not committed of the program into `git.diff`, if anything, and log it."""
    if diff := git_diff():
        write_text(folder / "git.diff", diff)
        run.log_file(folder / "git.diff")


def log_result(
    run: OpenRun, result: Result, config: Config, data: Dataset, folder: Path
) -> dict[str, Any]:
    """Log the files, the network and the metrics of one training; return its `report.json`."""
    report = result.metrics()
    run.log_folder(folder)
    run.log_data(list(data_of_test(config, data)))
    run.log_network(result.training.model, data.train.images)
    run.log_metrics(final_metrics(report, result.training.history))  # of the network above
    if table := class_table(report):
        run.log_table("classes", table)
    return report


def log_recordings(run: OpenRun, recorders: Iterable[Recorder]) -> None:
    """Log the series of images that were recorded during a training."""
    for recorder in recorders:
        for series, images in recorder.images().items():
            run.log_images(series, images)
