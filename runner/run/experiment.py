"""The outline of a run, from a checked configuration to a tracked result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner import datasets
from runner.base import device, environment
from runner.base.console import say, working
from runner.config.run_config import Config
from runner.evaluation.assessment import assess
from runner.evaluation.baselines.baseline_comparison import Baselines
from runner.run import run_display
from runner.run.init_from import find_init_from
from runner.run.recording import record
from runner.run.result import Result
from runner.tracking.sweep_tags import SweepTags
from runner.tracking.trained_network import Trained
from runner.training.trainer import Trainer
from runner.training.warm_start import Start


def run(
    config: Config, node: dict[str, Any], folder: Path, sweep_tags: SweepTags | None = None
) -> dict[str, Any]:
    """Train and evaluate one configuration with each of its seeds, and keep what they gave.

    Args:
        config: checked and typed.
        node: the same as plain containers, to be shown and logged.
        folder: for the files.
        membership: the run's place in a sweep, or None.

    Returns:
        mean, sd and more of the seeds' errors and times; see `runner.run.result.summarize`.
    """

    source = find_init_from(config)
    place = device.prepare_device(config.device, config.precision, config.deterministic)
    run_display.show_configuration(node, place)
    data = datasets.load(config.dataset, config.language)
    tags = environment.describe_environment() | environment.git_state()

    opened = record(
        config, node, folder, tags, digests=data.digests, origin=source, sweep_tags=sweep_tags
    )
    with opened as kept:
        trainer = Trainer(config, data.train, data.validation, data.task, place, say=say)
        baselines = Baselines(config, trainer.model, data, place.is_gpu)
        for seed in kept.remaining_seeds:
            with kept.seed(seed) as callbacks:
                start = _start(trainer, source.networks[seed], data.name) if source else None
                training = trainer.fit(seed, callbacks, start)
                report, validation = assess(training.model, data, place.is_gpu, config.evaluation)
                compared = baselines.compare(training.model, seed, working)
                kept.keep(Result(seed, training, report, validation, compared), data)
    run_display.show_results(kept.numbers, kept.summary, folder, config.tracking.uri)
    return kept.summary


def _start(trainer: Trainer, trained: Trained, dataset: str) -> Start:
    """Load what a training goes on from, and say what of it is taken over, and to which data."""

    start = trainer.start(trained.network)
    run_display.show_origin(trained.network, trainer.taken(start), (trained.trained_on, dataset))
    return start
