"""The outline of a run, from a checked configuration to a tracked result."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.config import Config

if TYPE_CHECKING:
    from runner.membership import Membership


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

    place = device.prepare(config.device, config.precision, config.deterministic)
    terminal.show_configuration(node, place)
    data = datasets.load(config.dataset, config.language)
    tags = environment.describe() | environment.git()

    from runner.evaluation import assess
    from runner.learners.comparison import Learners
    from runner.record import record
    from runner.results import Result
    from runner.training import Trainer

    with record(config, node, folder, tags, digests=data.digests, membership=membership) as kept:
        trainer = Trainer(config, data.train, data.validation, data.classes, place)
        learners = Learners(config, trainer.model, data, place.is_gpu)
        for seed in kept.remaining_seeds:
            with kept.seed(seed) as callbacks:
                training = trainer.fit(seed, callbacks)
                report, validation = assess(training.model, data, place.is_gpu, config.evaluation)
                compared = learners.compare(training.model, seed, terminal.working)
                kept.keep(Result(seed, training, report, validation, compared), data)
    terminal.show_results(kept.numbers, kept.summary, folder)
    return kept.summary
