"""The comparison of two single networks: McNemar's test on the same images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.base.errors import ConfigurationError
from runner.base.lazy import scipy
from runner.evaluation.predictions import Predictions
from runner.sweeps.report.comparison import LEVEL


@dataclass(frozen=True)
class ImageComparison:
    """Images that only one of two networks gets wrong, and McNemar's exact test of their numbers.

    Attributes:
        kind: of the images: test or validation.
        images: their number.
        wrong_a: images that A gets wrong.
        wrong_b: images that B gets wrong.
        only_a: images that A alone gets wrong.
        only_b: images that B alone gets wrong.
        p: p-value of a difference.
    """

    kind: str
    images: int
    wrong_a: int
    wrong_b: int
    only_a: int
    only_b: int
    p: float

    def sentence(self, a: str, b: str, *, averaged: bool = False) -> str:
        """Return the result in two sentences, with `a` and `b` as names of the runs.

        Args:
            a: name of A.
            b: name of B.
            averaged: whether they are ensembles.
        """
        verdict = f"{b} is no better or worse than {a} as far as these images can tell"
        if self.p < LEVEL:
            verdict = f"{b} is {'better' if self.wrong_b < self.wrong_a else 'worse'} than {a}"
        networks = "ensembles" if averaged else "networks"
        return (
            f"{verdict}: {self.kind} error {self._percent(self.wrong_b)} against "
            f"{self._percent(self.wrong_a)}; {self.only_b:,} of {self.images:,} images are wrong "
            f"in {b} alone, {self.only_a:,} in {a} alone, p = {self.p:.2g}, McNemar's exact test. "
            f"That is said of these two {networks}"
            f"{'' if averaged else '; run both with seeds=10 to compare what made them'}."
        )

    def _percent(self, wrong: int) -> str:
        return f"{100 * wrong / self.images:.2f} %"


def compare_images(a: Predictions, b: Predictions, kind: str) -> ImageComparison:
    """Test whether two networks differ in how many of the same images they get wrong.

    Raises:
        ConfigurationError: the images are not the same.
    """
    if not a.of_same_images(b):
        raise ConfigurationError(
            f"the {kind} images of the two runs differ; compare runs of the same data set and split"
        )
    wrong_a, wrong_b = a.predictions != a.labels, b.predictions != b.labels
    only_a, only_b = int((wrong_a & ~wrong_b).sum()), int((wrong_b & ~wrong_a).sum())
    differing = only_a + only_b
    p = float(scipy.stats.binomtest(only_a, differing).pvalue) if differing else 1.0
    counts = (len(a.labels), int(np.sum(wrong_a)), int(np.sum(wrong_b)), only_a, only_b)
    return ImageComparison(kind, *counts, p)
