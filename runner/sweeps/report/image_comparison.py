"""The comparison of two single networks: McNemar's test on the same images.

Of several labels an image counts once, for the network that has more of them wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.errors import ConfigurationError
from runner.base.lazy import scipy
from runner.evaluation.predictions import Predictions
from runner.sweeps.report.comparison import LEVEL


@dataclass(frozen=True)
class ImageComparison:
    """Images that one of two networks gets more wrong, and the exact test of their numbers.

    Attributes:
        kind: of the images: test or validation.
        images: their number.
        wrong_a: wrong answers of A.
        wrong_b: wrong answers of B.
        only_a: images that A gets wrong and B does not, or with more wrong labels in A.
        only_b: the same of B.
        p: p-value of a difference.
        answers: to each image: 1, or as many as there are labels.
    """

    kind: str
    images: int
    wrong_a: int
    wrong_b: int
    only_a: int
    only_b: int
    p: float
    answers: int = 1

    def sentence(self, a: str, b: str, *, averaged: bool = False) -> str:
        """Return the result in two sentences, with `a` and `b` as names of the runs.

        Args:
            a: name of A.
            b: name of B.
            averaged: whether they are ensembles.
        """
        verdict = f"{b} is no better or worse than {a} as far as these images can tell"
        if self.p < LEVEL:
            verdict = f"{b} is {'better' if self.only_b < self.only_a else 'worse'} than {a}"
        networks = "ensembles" if averaged else "networks"
        test = "exact sign test" if self.answers > 1 else "McNemar's exact test"
        return (
            f"{verdict}: {self.kind} error {self._percent(self.wrong_b)} against "
            f"{self._percent(self.wrong_a)}; {self._differing(a, b)}, p = {self.p:.2g}, {test}. "
            f"That is said of these two {networks}"
            f"{'' if averaged else '; run both with seeds=10 to compare what made them'}."
        )

    def _differing(self, a: str, b: str) -> str:
        of_images = f"{self.only_b:,} of {self.images:,} images"
        if self.answers > 1:
            return f"{of_images} have more wrong labels in {b}, {self.only_a:,} in {a}"
        return f"{of_images} are wrong in {b} alone, {self.only_a:,} in {a} alone"

    def _percent(self, wrong: int) -> str:
        return f"{100 * wrong / (self.images * self.answers):.2f} %"


def compare_images(a: Predictions, b: Predictions, kind: str) -> ImageComparison:
    """Test whether two networks differ in how many of the same images they get wrong.

    Raises:
        ConfigurationError: the images are not the same.
    """
    if not a.of_same_images(b):
        raise ConfigurationError(
            f"the {kind} images of the two runs differ; compare runs of the same data set and split"
        )
    wrong_a, wrong_b = _wrong_answers(a), _wrong_answers(b)
    only_a, only_b = int((wrong_a > wrong_b).sum()), int((wrong_b > wrong_a).sum())
    differing = only_a + only_b
    p = float(scipy.stats.binomtest(only_a, differing).pvalue) if differing else 1.0
    counts = (len(a.labels), int(wrong_a.sum()), int(wrong_b.sum()), only_a, only_b)
    return ImageComparison(kind, *counts, p, a.labels[0].size)


def _wrong_answers(of: Predictions) -> NDArray[np.int64]:
    """Return the number of wrong answers to each image, [n]."""
    counts: NDArray[np.int64] = (
        (of.predictions != of.labels).reshape(len(of.labels), -1).sum(axis=1)
    )
    return counts
