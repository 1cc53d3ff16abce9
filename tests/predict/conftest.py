"""Runs that `python -m runner.inspect` draws figures of, and the command."""

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from calling import Said, call

from predict.inspected_runs import Inspect
from runner import __main__ as program
from runner.predict.inspection import main

SMALL = (
    *("device=cpu", "dataset.train_size=600", "training.epochs=2", "training.batch_size=50"),
    *("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]"),
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of MNIST: `one` with kernels and augmentation, `two` with two seeds, in a sweep."""
    folder = tmp_path_factory.mktemp("inspected")
    wanted = "figures=[filter-animation,augmentation]"
    untested = ("evaluation.test=false", "dataset.validation_fraction=0.1")
    two = ("seeds=[3,5]", "figures=[]", "tracking.run_name=two", "tracking.log_model=false")
    with chdir(folder):
        one = ("augmentation=affine", "tracking.run_name=one")
        ran = call(program.main, *SMALL, wanted, *one)
        if "not on this machine" in ran.error:
            pytest.skip(f"MNIST is needed: {ran.error}")
        assert ran.code == 0, ran.error
        swept = call(program.main, "-m", *SMALL, *two, *untested)
        assert swept.code == 0, swept.error
    return folder


@pytest.fixture
def inspect(workspace: Path) -> Inspect:
    """Run the command in the workspace."""

    def run(*arguments: Any) -> Said:
        with chdir(workspace):
            return call(main, *arguments)

    return run


@pytest.fixture
def refused(inspect: Inspect) -> Callable[..., str]:
    """Run the command, which must fail with one line, and return it."""
    return lambda *arguments: inspect(*arguments).refusal
