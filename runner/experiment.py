"""The outline of a run, from a checked configuration to a tracked result."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.config import Config

if TYPE_CHECKING:
    from runner.membership import Membership
    from runner.networks.trained import Trained
    from runner.training import Trainer
    from runner.training.start import Start


def run(
    config: Config, node: dict[str, Any], folder: Path, membership: "Membership | None" = None
) -> dict[str, Any]:
    """Train and evaluate one configuration with each of its seeds, and keep what they gave.

    Args:
        config: checked and typed.
        node: the same as plain containers, to be shown and logged.
        folder: for the files.
        membership: the run's place in a sweep, or None.

    Returns:
        mean, sd and more of the seeds' errors and times; see `runner.results.summarise`.
    """
    from runner import datasets, device, environment, terminal
    from runner.networks.origin import origin

    source = origin(config)
    place = device.prepare(config.device, config.precision, config.deterministic)
    terminal.show_configuration(node, place)
    data = datasets.load(config.dataset, config.language)
    tags = environment.describe() | environment.git()

    from runner.evaluation import assess
    from runner.learners.comparison import Learners
    from runner.record import record
    from runner.results import Result
    from runner.training import Trainer

    opened = record(
        config, node, folder, tags, digests=data.digests, origin=source, membership=membership
    )
    with opened as kept:
        trainer = Trainer(config, data.train, data.validation, data.task, place, say=terminal.say)
        learners = Learners(config, trainer.model, data, place.is_gpu)
        for seed in kept.remaining_seeds:
            with kept.seed(seed) as callbacks:
                start = _start(trainer, source.networks[seed], data.name) if source else None
                training = trainer.fit(seed, callbacks, start)
                report, validation = assess(training.model, data, place.is_gpu, config.evaluation)
                compared = learners.compare(training.model, seed, terminal.working)
                kept.keep(Result(seed, training, report, validation, compared), data)
    terminal.show_results(kept.numbers, kept.summary, folder, config.tracking.uri)
    return kept.summary


def _start(trainer: "Trainer", trained: "Trained", dataset: str) -> "Start":
    """Load what a training goes on from, and say what of it is taken over, and to which data."""
    from runner import terminal

    start = trainer.start(trained.network)
    terminal.show_origin(trained.network, trainer.taken(start), (trained.trained_on, dataset))
    return start
