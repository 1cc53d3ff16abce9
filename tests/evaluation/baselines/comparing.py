"""A comparison of baselines with a network, in a test."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from runner.config.run_config import CONF, Config
from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_comparison import (
    BaselineComparison,
    Baselines,
)

Configure = Callable[..., Config]
NETWORK = ("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]")
NAMES = sorted(path.stem for path in (CONF / "baselines").glob("*.yaml") if path.stem != "none")
SEVEN = "baselines.nearest-neighbor.n_neighbors=7"
FEW = (
    "baselines.random-forest.n_estimators=10",
    "baselines.gradient-boosting.max_iter=3",
    "baselines.gradient-boosting.train_size=200",
)


def compared(config: Config, model: Any, data: Dataset, seed: int = 0) -> BaselineComparison:
    baselines = Baselines(config, model, data, xla=False)
    comparison = baselines.compare(model, seed, lambda _: nullcontext())
    assert comparison is not None
    return comparison
