"""The command `runner lr-find`: a learning rate for a network, optimizer and data set.

Leslie Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017: the rate rises
exponentially during one short training; where the loss falls fastest is a good rate, and where it
begins to diverge is the end of all good ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from runner.base.command import run_command
from runner.base.console import busy, say
from runner.base.device import prepare_device
from runner.base.errors import ConfigurationError, TrainingError
from runner.base.language import errors_in
from runner.config import composition
from runner.config.run_config import Config
from runner.datasets.loader import load_dataset
from runner.figures.figure_files import place, save_figure
from runner.figures.learning_rate_range import LearningRates, draw_range, suggest_rates
from runner.run.table_language import in_language
from runner.run.teachers import find_teachers
from runner.training.observer import Observer
from runner.training.trainer import Trainer

_DEFAULTS = ["schedule=range-test", "training.epochs=100", "training.steps_per_epoch=5"]
_HELP = """\
usage: runner lr-find [KEY=VALUE ...]

Suggest a learning rate for what `runner KEY=VALUE ...` would train: in 100 times 5 steps it rises
from 1e-6 to 10, until the loss diverges. Takes seconds, writes a figure, and tracks no run.

  runner lr-find model=lenet dataset=fashion optimizer=sgd
  runner lr-find experiment=cnn1 schedule.highest=1 training.steps_per_epoch=20"""
_FEWEST, _WORSE = 10, 3.0
OUTPUTS = Path("outputs/lr-find")


class Diverged(Exception):  # noqa: N818 - no error: it is what is looked for
    """Ends a training whose loss has become several times the first one."""


@dataclass
class RangeTest(Observer):
    """Observer of a training whose learning rate rises.

    Attributes:
        rates: learning rate at the end of each epoch.
        losses: mean loss of each.
    """

    rates: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Note rate and loss; end the training where it diverges."""
        self.rates.append(float(logs["learning_rate"]))
        self.losses.append(float(logs["loss"]))
        known = len(self.losses) > _FEWEST
        if known and self.losses[-1] > _WORSE * max(self.losses[:_FEWEST]):
            raise Diverged


def main() -> int:
    """Run the command, and return the exit code."""
    return run_command(_run)


def _run(arguments: Sequence[str]) -> bool:
    if {"-h", "--help"} & set(arguments):
        say(_HELP)
        return True
    config = _configuration(list(arguments))
    with errors_in(config.language):
        _find(config)
    return True


def _find(config: Config) -> None:
    device = prepare_device(config.device, config.precision, config.deterministic)
    say(f"{in_language('run', config.language):9} lr-find {config.tracking.run_name}")
    data = load_dataset(config.dataset, config.language)
    teachers, test = find_teachers(config), RangeTest()
    with busy("training"):
        files = teachers.files if teachers else []
        trainer = Trainer(config, data.train, None, data.task, device, teachers=files, say=say)
        with suppress(Diverged, TrainingError):  # as it must with so large a rate
            trainer.fit(config.all_seeds[0], [test])
    if len(test.losses) < _FEWEST:
        raise TrainingError("the loss diverged at once; try a smaller schedule.lowest")
    found = suggest_rates(np.array(test.rates), np.array(test.losses))
    say(suggestion(found, test.rates[-1]))
    say(f"drawn     {_draw(config, test, found)}")


def suggestion(found: LearningRates, highest: float) -> str:
    """Return the result in a line.

    Args:
        found: the suggested rates.
        highest: that was tried.
    """
    parts = []
    if found.steepest is not None:
        parts.append(f"optimizer.learning_rate={found.steepest:.1e} (steepest descent)")
    if found.diverging is not None:
        tenth = f"a tenth of {found.diverging:.1e}, from which on it diverges"
        parts.append(f"optimizer.learning_rate={found.cautious:.1e} ({tenth})")
    else:
        parts.append(f"it does not diverge up to {highest:.1e}: try a larger schedule.highest")
    return f"suggests  {', or '.join(parts)}"


def _configuration(overrides: list[str]) -> Config:
    """Return the configuration of the training; the schedule is that of a range test."""
    for word in overrides:
        if word.startswith("-") or "=" not in word:
            raise ConfigurationError(f"{word}: expected KEY=VALUE; see `runner lr-find --help`")
        if word.startswith(("schedule=", "seeds=", "resume=", "init_from=")):
            raise ConfigurationError(f"{word}: lr-find trains once, with a schedule of its own")
    named: str = composition.compose_plain([_DEFAULTS[0], *overrides])["tracking"]["run_name"]
    name = named.replace("+schedule-range-test", "")
    config = composition.compose_job([*_DEFAULTS, *overrides])
    training = replace(config.training, fine_tuning=None)
    tracking = replace(config.tracking, run_name=name)
    return replace(config, training=training, tracking=tracking, callbacks={})


def _draw(config: Config, test: RangeTest, found: LearningRates) -> Path:
    figure = draw_range(
        np.array(test.rates),
        np.array(test.losses),
        found,
        config.training.steps_per_epoch or 1,
        title=config.tracking.run_name,
        language=config.language,
    )
    with TemporaryDirectory() as temporary:
        drawn = save_figure(figure, Path(temporary) / "learning-rate-range")
        (path,) = place(drawn, OUTPUTS / config.tracking.run_name)
    return path
