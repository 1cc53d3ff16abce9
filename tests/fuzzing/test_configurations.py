"""Any configuration is trained, or refused in one line that names what is wrong."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from calling import call
from hypothesis import HealthCheck, given, seed, settings

from fuzzing.configurations import Drawn, drawn, named
from runner.__main__ import command_line
from runner.base.errors import RunnerError
from runner.config import composition
from runner.config.run_config import Config

FEW = ["mnist", "fashion", "5-vs-6", "pullover-binary", "mnist-14x14", "mnist-rgb", "regression"]
"""Data sets that come with the program."""

QUICK = ["dense", "lenet", "vgg-3x3"]
TRAINED, PARTS = 1000, 50
"""Configurations that the slow tests train; each part begins with the simplest one."""

SMALL = ["training.epochs=1", "tracking=folder", "tracking.experiment=e", "tracking.run_name=r"]
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def check_refusal(message: str, of: Drawn) -> None:
    assert "\n" not in message.strip()
    assert "Traceback" not in message
    assert of.is_named_in(message), (message, of)


def compose(of: Drawn) -> None:
    """Compose and check a drawn configuration."""
    try:
        config = composition.typed_config(of.plain())
    except RunnerError as error:
        check_refusal(str(error), of)
    else:
        assert isinstance(config, Config)
        assert composition.typed_config(config.as_plain()) == config


@settings(SETTINGS, max_examples=250)
@given(drawn(named("dataset"), named("model"), junk=True))
def test_any_configuration_is_composed_or_refused(of: Drawn) -> None:
    compose(of)


@pytest.mark.slow
@settings(SETTINGS, max_examples=1000)
@given(drawn(named("dataset"), named("model"), junk=True))
def test_a_thousand_configurations_are_composed_or_refused(of: Drawn) -> None:
    compose(of)


def train(of: Drawn) -> str:
    """Train a drawn configuration for an epoch on a few images, by the command line."""
    small = ["dataset.train_size=300"] if "dataset=regression" not in of.choices else []
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        said = call(command_line, *of.overrides(), *small, *SMALL)
        if said.code:
            check_refusal(said.error.removeprefix("error: "), of)
            return "refused"
        assert list(Path(folder).glob("outputs/*/*/report.json"))
        return "trained"


@settings(SETTINGS, max_examples=3)
@given(drawn(FEW, QUICK[:2], junk=False))
def test_a_configuration_is_trained_or_refused(of: Drawn) -> None:
    train(of)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_configurations_are_trained_or_refused(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    ends: Counter[str] = Counter()

    def count(of: Drawn) -> None:
        ends[train(of)] += 1

    own = settings(SETTINGS, derandomize=False, max_examples=TRAINED // PARTS + 1)
    seed(part)(own(given(drawn(FEW, QUICK, junk=False))(count)))()
    record_property("ends", dict(ends))
