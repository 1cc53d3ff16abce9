"""Runs that `python -m runner.inspect` draws figures of, runs that predict, and both commands."""

from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from calling import Said, call
from PIL import Image

from predict.inspected_runs import Inspect
from predict.predicted_runs import Predict, Refused, configure, keep, small
from runner import __main__ as program
from runner.datasets.splits import Dataset
from runner.predict import __main__ as prediction
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


@pytest.fixture(scope="session")
def digit_runs(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """A run of MNIST in `run`, one of two seeds in `two`, and pages of ten digits in `pages`."""
    folder = tmp_path_factory.mktemp("predicted")
    for seed in (1, 2):
        network = small(seed=seed)
        network.compile("adam", "sparse_categorical_crossentropy")
        network.fit(digits.train.images, digits.train.labels, 25, 12, verbose=0)
        keep(network, folder / "two" / f"seed-{seed}")
        if seed == 1:
            keep(network, folder / "run")
    configure(folder / "two")
    for label in range(10):
        right = digits.test.images[digits.test.labels == label][1, ..., 0]
        drawn = Image.fromarray(255 - right).resize((140, 140), Image.Resampling.BICUBIC)
        page = Image.new("L", (400, 300), 255)
        page.paste(drawn, (20 * label, 15 * label))
        (folder / "pages" / str(label)).mkdir(parents=True)
        page.save(folder / "pages" / str(label) / "page.png")
    return folder


@pytest.fixture
def predict(digit_runs: Path) -> Predict:
    """Run `python -m runner.predict` in the folder of those runs."""

    def run(*arguments: Any) -> Said:
        with chdir(digit_runs):
            return call(prediction.main, *arguments)

    return run


@pytest.fixture
def predict_refused(predict: Predict) -> Refused:
    """Run `python -m runner.predict`, which must fail with one line, and return it."""

    def run(*arguments: Any) -> str:
        said = predict(*arguments)
        assert said.out == ""
        return said.refusal

    return run
