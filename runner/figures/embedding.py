"""Embedding of the test images: the features before the last layer, in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from runner.base.array_types import Labels
from runner.base.lazy import sklearn
from runner.base.option_types import Count, Language, Natural
from runner.figures.canvas import chart, styled
from runner.figures.finished_run import ClassificationRun
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator
from runner.models.graph import penultimate
from runner.models.layer_outputs import activations

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Method = Literal["pca", "t-sne"]
Points = NDArray[np.float32]
_SHORT = 2
_METHODS = {"pca": "PCA", "t-sne": "t-SNE"}
_COLORS = [
    *("#BE3C0A", "#000000", "#1E00F5", "#2DC8FA", "#28B90A"),
    *("#7D0591", "#28786E", "#9673FF", "#EBA09B", "#F505AF"),
]
"""Found by search: no two are nearer in OKLab than 0.22, to eyes without red or green cones than
0.12, and all are dark enough for thin signs on white."""

TEXTS: Texts = {
    "Features before the last layer, in two dimensions": (
        "Características antes da última camada, em duas dimensões"
    ),
    "{count:,} test {items}; circles: misclassified; method: {method}": (
        "{count:,} {items} de teste; círculos: mal classificadas; método: {method}"
    ),
    "component {n} ({share:.0f} % of the variance)": "componente {n} ({share:.0f} % da variância)",
    "t-SNE dimension {n}": "dimensão t-SNE {n}",
}


def embedding(run: ClassificationRun, *, method: Method, count: Count, seed: Natural = 0) -> Figure:
    """Draw the features before the last layer in two dimensions; t-SNE takes seconds.

    Args:
        run: the finished run.
        method: `pca` keeps distances between far groups, `t-sne` shows near neighbors.
        count: use only the first so many test images.
        seed: of t-SNE.
    """
    images, labels = run.images[:count], run.labels[:count]
    features = activations(run.model, [penultimate(run.model)], images)[0]
    translate = translator(run.language, TEXTS)
    points, names = project(features.reshape(len(images), -1), method, seed, run.language)
    subtitle = translate(
        "{count:,} test {items}; circles: misclassified; method: {method}",
        count=len(labels),
        items=translate(run.items),
        method=_METHODS[method],
    )
    figure = draw_embedding(
        points,
        labels,
        run.class_names,
        wrong=run.predictions[:count] != labels,
        title=translate("Features before the last layer, in two dimensions"),
        subtitle=subtitle,
    )
    figure.axes[0].set(xlabel=names[0], ylabel=names[1])
    return write_ticks(figure, run.language)


def project(
    features: Points, method: Method, seed: int, language: Language = "en"
) -> tuple[Points, list[str]]:
    """Return points, [n, 2], of features, [n, d], and the names of their coordinates."""
    translate = translator(language, TEXTS)
    if method == "pca":
        pca = sklearn.decomposition.PCA(2, svd_solver="covariance_eigh").fit(features)
        shares = enumerate(100 * pca.explained_variance_ratio_, 1)
        names = [
            translate("component {n} ({share:.0f} % of the variance)", n=n, share=share)
            for n, share in shares
        ]
        return pca.transform(features), names

    perplexity = min(30.0, (len(features) - 1) / 3)
    tsne = sklearn.manifold.TSNE(2, perplexity=perplexity, init="pca", random_state=seed)
    names = [translate("t-SNE dimension {n}", n=n) for n in (1, 2)]
    with threadpool_limits(1):  # a thousand tiny steps: threads spend ten times as long waiting
        return tsne.fit_transform(features), names


@styled()
def draw_embedding(
    points: Points,
    labels: Labels,
    class_names: list[str],
    *,
    wrong: NDArray[np.bool_],
    title: str,
    subtitle: str,
) -> Figure:
    """Draw each point as the sign of its class, so that colors are not needed to distinguish them.

    A legend says what the signs mean where they are not the names themselves.

    Args:
        points: [n, 2].
        labels: [n].
        class_names: those of one or two characters are their own signs, others get their number.
        wrong: [n], points to be circled.
        title: of the figure.
        subtitle: below it.
    """
    figure = chart(8.4, 7.6, title, subtitle)
    axes = figure.subplots()
    short = all(len(name) <= _SHORT for name in class_names)
    for label, name in enumerate(class_names):
        members = labels == label
        sign = f"${name if short else label}$"
        color = _COLORS[label % len(_COLORS)]
        x, y = points[members].T
        axes.scatter(x, y, s=22, marker=sign, label=name, color=color, linewidths=0.2)
    x, y = points[wrong].T
    axes.scatter(x, y, s=60, facecolors="none", edgecolors="black", linewidths=0.6)
    if not short:
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), markerscale=1.6)
    return figure
