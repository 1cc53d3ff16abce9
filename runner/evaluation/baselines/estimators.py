"""Classical baselines: functions from a seed and options to a classifier of scikit-learn.

Their training images, `train_size` and `shifts`, are options of
`runner.config.entries.BaselineConfig`.
"""

from __future__ import annotations

import os
from typing import Any, Literal

from runner.base.lazy import sklearn
from runner.base.option_types import Count, NonNegative, Positive, RowCount

# Threads that spin while they wait for each other are many times slower on cores that others use
# too. OpenMP reads this when scikit-learn is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

Classifier = Any
"""A classifier with `fit`, `predict` and `get_params` of scikit-learn."""

_ALL_CORES = -1
_KERNEL_CACHE = 1_000  # MB; SVC computes each row of its kernel again where it is small


def nearest_neighbor(
    seed: int,
    *,
    n_neighbors: RowCount,
    weights: Literal["uniform", "distance"],
) -> Classifier:
    """Vote of the nearest training images by Euclidean distance.

    Args:
        seed: without effect.
        n_neighbors: number of images that vote.
        weights: of the votes: equal, or the inverse of the distance.
    """
    del seed
    return sklearn.neighbors.KNeighborsClassifier(n_neighbors, weights=weights, n_jobs=_ALL_CORES)


def svm(
    seed: int,
    *,
    kernel: Literal["rbf", "linear"],
    C: Positive,  # noqa: N803 - scikit-learn has it so
    gamma: Positive | None,
) -> Classifier:
    """Support vector machines, one for each pair of classes; on one core.

    Args:
        seed: without effect.
        kernel: `rbf` is a Gaussian of the distance.
        C: penalty of an image on the wrong side; large values fit every image.
        gamma: of the Gaussian exp(-gamma d^2); None is 1 / (features x their variance).
    """
    del seed
    return sklearn.svm.SVC(C=C, kernel=kernel, gamma=gamma or "scale", cache_size=_KERNEL_CACHE)


def random_forest(
    seed: int,
    *,
    n_estimators: Count,
    max_depth: Count | None,
) -> Classifier:
    """Vote of decision trees, each grown on a sample of its own (Breiman 2001).

    Args:
        seed: of the samples and of the features each split may use.
        n_estimators: number of trees.
        max_depth: of each tree; None grows them until every leaf is pure.
    """
    return sklearn.ensemble.RandomForestClassifier(
        n_estimators, max_depth=max_depth, random_state=seed, n_jobs=_ALL_CORES
    )


def gradient_boosting(
    seed: int,
    *,
    max_iter: Count,
    learning_rate: Positive,
    max_leaf_nodes: Count,
    l2_regularization: NonNegative,
) -> Classifier:
    """Sum of small trees, each fitted to the residual of those before it (Friedman 2001).

    Args:
        seed: of the images that the bins of features are computed from.
        max_iter: number of iterations, each with one tree per class.
        learning_rate: factor on the values of each tree.
        max_leaf_nodes: of a tree.
        l2_regularization: L2 penalty on the values of leaves.
    """
    return sklearn.ensemble.HistGradientBoostingClassifier(
        learning_rate=learning_rate,
        max_iter=max_iter,
        max_leaf_nodes=max_leaf_nodes,
        l2_regularization=l2_regularization,
        early_stopping=False,
        random_state=seed,
    )


def decision_tree(
    seed: int,
    *,
    max_depth: Count | None,
    min_samples_leaf: Count,
) -> Classifier:
    """One decision tree (Breiman et al. 1984).

    Args:
        seed: of the choice between splits that are equally good.
        max_depth: None grows it until every leaf is pure.
        min_samples_leaf: smallest number of images in a leaf.
    """
    return sklearn.tree.DecisionTreeClassifier(
        max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=seed
    )


def logistic_regression(
    seed: int,
    *,
    C: Positive,  # noqa: N803 - scikit-learn has it so
    max_iter: Count,
) -> Classifier:
    """Linear scores and softmax, on features of zero mean and unit variance.

    Args:
        seed: without effect.
        C: inverse of the L2 penalty on the weights.
        max_iter: of the solver, L-BFGS.
    """
    del seed
    regression = sklearn.linear_model.LogisticRegression(C=C, max_iter=max_iter)
    return sklearn.pipeline.make_pipeline(sklearn.preprocessing.StandardScaler(), regression)
