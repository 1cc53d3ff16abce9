"""A network, and all baselines beside it."""

from typing import Any

import keras
import pytest

from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_comparison import (
    BaselineComparison,
)

from .comparing import FEW, NAMES, NETWORK, Configure, compared


@pytest.fixture(scope="module")
def network(configure: Configure) -> Any:
    """A network that is not trained; random features are features too."""
    keras.utils.set_random_seed(1)
    return configure(*NETWORK).model((28, 28, 1), 10)


@pytest.fixture(scope="module")
def every(configure: Configure, network: Any, digits: Dataset) -> BaselineComparison:
    config = configure(f"baselines=[{','.join(NAMES)}]", "features.layer=pooling_2", *FEW)
    return compared(config, network, digits)
