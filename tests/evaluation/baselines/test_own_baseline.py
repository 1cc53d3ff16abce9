"""A baseline of one's own needs no more than its function."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from runner.base.errors import ConfigurationError
from runner.base.option_types import RowCount
from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_comparison import (
    Baselines,
)

from .comparing import Configure, compared


def own_neighbors(seed: int, *, k: RowCount | None = None, weights: str = "uniform") -> Any:
    """A user's baseline, which declares that k is a number of rows."""
    del seed
    return KNeighborsClassifier(k or 1, weights=weights)


def undeclared(seed: int, *, k: int = 1, depth: int | None = None) -> Any:
    """A user's baseline, which does not; and which has chance inside a pipeline."""
    tree = make_pipeline(DecisionTreeClassifier(random_state=seed))
    return tree if depth else KNeighborsClassifier(k)


OWN = f"+baselines.own._target_={__name__}.own_neighbors"
UNDECLARED = f"+baselines.own._target_={__name__}.undeclared"


@pytest.mark.usefixtures("own_modules")
def test_an_own_baseline_needs_no_more_than_its_function(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    one = configure(OWN, "features.layer=pixels")
    assert (one.baselines["own"].train_size, one.baselines["own"].shifts) == (None, False)
    both = configure(OWN, "baselines=nearest-neighbor", "features.layer=pixels")
    given = compared(both, network, digits).predictions
    np.testing.assert_array_equal(given["own"], given["nearest-neighbor"])
    few = configure(OWN, "+baselines.own.train_size=90", "+baselines.own.shifts=true")
    numbers = compared(few, network, digits).baselines["own"]
    assert (numbers["train_images"], numbers["train_items"]) == (90, 450)


@pytest.mark.usefixtures("own_modules")
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("+baselines.own.train_size=0",), r"baselines\.own\.train_size=0: should be greater"),
        (("+baselines.own.shifts=2",), r"baselines\.own\.shifts=2: should be a valid boolean"),
        (("+baselines.own.neighbors=2",), r"baselines\.own\.neighbors: there is no such option"),
        (("+baselines.own.k=7", "experiment=weight-age"), r"own\.k=7: it is fitted on 6 only"),
    ],
)
def test_what_an_own_baseline_declares_is_checked(
    overrides: tuple[str, ...], message: str, configure: Configure
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        configure(OWN, *overrides)


@pytest.mark.usefixtures("own_modules")
def test_what_an_own_baseline_refuses_names_its_key(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure(UNDECLARED, "+baselines.own.k=501", "features.layer=pixels")
    with pytest.raises(ConfigurationError, match=r"^baselines\.own: Expected n_neighbors <= n_sam"):
        compared(config, network, digits)


@pytest.mark.usefixtures("own_modules")
def test_chance_inside_a_pipeline_is_chance(
    configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure(UNDECLARED, "+baselines.own.depth=2", "features.layer=pixels")
    baselines = Baselines(config, network, digits, xla=False)
    first, second = (baselines.compare(network, seed, lambda _: nullcontext()) for seed in (0, 1))
    assert second is not first
