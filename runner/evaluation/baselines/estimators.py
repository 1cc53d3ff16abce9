"""The baselines of conf/baselines: plain functions from a seed and options to a Baseline.

All take `train_size`, the most training images they are fitted on, drawn with the proportions of
the classes, None being all; and `shifts`, whether each of these is also given moved by one pixel
to the north, south, east and west.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal

from runner.base.lazy import sklearn
from runner.base.option_types import Count, NonNegative, Positive

# Threads that spin while they wait for each other are many times slower on cores that others use
# too. OpenMP reads this when scikit-learn is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_ALL_CORES = -1
_KERNEL_CACHE = 1_000  # MB; SVC computes each row of its kernel again where it is small


@dataclass(frozen=True)
class Baseline:
    """A classifier that is not fitted yet, and what it is to be fitted on.

    Attributes:
        estimator: scikit-learn's.
        train_size: number of training images at most; None is all.
        shifts: whether their four shifts by one pixel are given too.
    """

    estimator: Any
    train_size: int | None
    shifts: bool

    @property
    def draws(self) -> bool:
        """Whether chance decides anything, so that another seed gives another result."""
        parameters = self.estimator.get_params()
        return self.train_size is not None or parameters.get("random_state") is not None


def nearest_neighbor(
    seed: int,
    *,
    n_neighbors: Count = 1,
    weights: Literal["uniform", "distance"] = "uniform",
    train_size: Count | None = None,
    shifts: bool = False,
) -> Baseline:
    """Vote of the nearest training images by Euclidean distance.

    Args:
        seed: of the drawing of images alone.
        n_neighbors: that vote.
        weights: of a vote: one for each, or the inverse of the distance.
        train_size: see above.
        shifts: see above.
    """

    del seed
    return Baseline(
        sklearn.neighbors.KNeighborsClassifier(n_neighbors, weights=weights, n_jobs=_ALL_CORES),
        train_size,
        shifts,
    )


def svm(
    seed: int,
    *,
    kernel: Literal["rbf", "linear"] = "rbf",
    C: Positive = 5.0,  # noqa: N803 - scikit-learn has it so
    gamma: Positive | None = None,
    train_size: Count | None = None,
    shifts: bool = False,
) -> Baseline:
    """Support vector machines, one for each pair of classes; on one core.

    Args:
        seed: of the drawing of images alone.
        kernel: `rbf` is a Gaussian of the distance.
        C: penalty of an image on the wrong side; large values fit every image.
        gamma: of the Gaussian exp(-gamma d^2); None is 1 / (features x their variance).
        train_size: see above.
        shifts: see above.
    """

    del seed
    machine = sklearn.svm.SVC(C=C, kernel=kernel, gamma=gamma or "scale", cache_size=_KERNEL_CACHE)
    return Baseline(machine, train_size, shifts)


def random_forest(
    seed: int,
    *,
    n_estimators: Count = 200,
    max_depth: Count | None = None,
    train_size: Count | None = None,
    shifts: bool = False,
) -> Baseline:
    """Vote of decision trees, each grown on a sample of its own (Breiman 2001).

    Args:
        seed: of the samples and of the features each split may use.
        n_estimators: that vote.
        max_depth: of each; None grows them until every leaf is pure.
        train_size: see above.
        shifts: see above.
    """

    forest = sklearn.ensemble.RandomForestClassifier(
        n_estimators, max_depth=max_depth, random_state=seed, n_jobs=_ALL_CORES
    )
    return Baseline(forest, train_size, shifts)


def gradient_boosting(
    seed: int,
    *,
    max_iter: Count = 100,
    learning_rate: Positive = 0.1,
    max_leaf_nodes: Count = 31,
    l2_regularization: NonNegative = 0.0,
    train_size: Count | None = None,
    shifts: bool = False,
) -> Baseline:
    """Small trees, one for each class and iteration, that each mend what is left (Friedman 2001).

    Args:
        seed: of the images the bins of features are found on.
        max_iter: of boosting.
        learning_rate: share of each tree that is taken.
        max_leaf_nodes: of a tree.
        l2_regularization: L2, of the leaves' values.
        train_size: see above.
        shifts: see above.
    """

    boosting = sklearn.ensemble.HistGradientBoostingClassifier(
        learning_rate=learning_rate,
        max_iter=max_iter,
        max_leaf_nodes=max_leaf_nodes,
        l2_regularization=l2_regularization,
        early_stopping=False,
        random_state=seed,
    )
    return Baseline(boosting, train_size, shifts)


def decision_tree(
    seed: int,
    *,
    max_depth: Count | None = None,
    min_samples_leaf: Count = 1,
    train_size: Count | None = None,
    shifts: bool = False,
) -> Baseline:
    """One decision tree (Breiman et al. 1984).

    Args:
        seed: of the choice between splits that are equally good.
        max_depth: None grows it until every leaf is pure.
        min_samples_leaf: images in a leaf at least.
        train_size: see above.
        shifts: see above.
    """

    tree = sklearn.tree.DecisionTreeClassifier(
        max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=seed
    )
    return Baseline(tree, train_size, shifts)


def logistic_regression(
    seed: int,
    *,
    C: Positive = 1.0,  # noqa: N803 - scikit-learn has it so
    max_iter: Count = 1_000,
    train_size: Count | None = None,
    shifts: bool = False,
) -> Baseline:
    """Linear scores and softmax, on features of zero mean and unit variance.

    Args:
        seed: of the drawing of images alone.
        C: inverse of the L2 penalty on the weights.
        max_iter: of the solver, L-BFGS.
        train_size: see above.
        shifts: see above.
    """

    del seed
    regression = sklearn.linear_model.LogisticRegression(C=C, max_iter=max_iter)
    return Baseline(
        sklearn.pipeline.make_pipeline(sklearn.preprocessing.StandardScaler(), regression),
        train_size,
        shifts,
    )
