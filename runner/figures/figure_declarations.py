"""What a figure declares of itself: which runs it applies to, and what of a run it shows."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from types import UnionType
from typing import Any, TypeVar

from runner.config.component import Component, annotation
from runner.figures.finished_run import FinishedRun, LabelRun, RegressionRun
from runner.figures.training_recorder import declared_recorders

Draw = TypeVar("Draw", bound=Callable[..., Any])

OTHER_KINDS = {
    RegressionRun: "made for classes, not for numbers",
    LabelRun: "made for one class each or numbers, not for several labels",
    FinishedRun: "made for numbers or several labels, not for one class each",
}
"""Why a figure that does not apply to a run of that kind is not drawn."""


def of_weights_alone(draw: Draw) -> Draw:
    """Declare that a figure shows weights alone: it needs no images, nor how these are scaled."""
    vars(draw)["of_weights_alone"] = True
    return draw


def needs_images(figure: Component) -> bool:
    """Return whether a figure shows more than weights; see `of_weights_alone`."""
    return not getattr(figure.function, "of_weights_alone", False)


def of_results_alone(draw: Draw) -> Draw:
    """Declare that a figure asks nothing of the network, and shows no training images.

    Another process can draw it, with neither; see `runner.figures.drawing_pool`.
    """
    vars(draw)["of_results_alone"] = True
    return draw


def needs_network(figure: Component) -> bool:
    """Return whether a figure shows more than results; see `of_results_alone`."""
    return not getattr(figure.function, "of_results_alone", False)


def of_all_seeds(draw: Draw) -> Draw:
    """Declare that a figure shows all seeds of a run: it is drawn once, after the last one."""
    vars(draw)["of_all_seeds"] = True
    return draw


def shows_all_seeds(figure: Component) -> bool:
    """Return whether a figure shows all seeds of a run; see `of_all_seeds`."""
    return getattr(figure.function, "of_all_seeds", False)


def made_for(what: str) -> Callable[[Draw], Draw]:
    """Declare what a figure is made for, such as two classes: it draws nothing of other runs."""

    def declare(draw: Draw) -> Draw:
        vars(draw)["made_for"] = what
        return draw

    return declare


def purpose(figure: Component) -> str:
    """Return why nothing comes of a figure, where that is so; see `made_for`."""
    what = getattr(figure.function, "made_for", None)
    return f"made for {what}" if what else "this network or its data have nothing to show there"


def reason(figure: Component, run: FinishedRun) -> str:
    """Return why nothing comes of a figure that a finished run has been asked for."""
    unknown = "the network, or what is known of it, lacks what it shows"
    if not applies_to(figure, run):
        kinds = OTHER_KINDS.items() if type(run) is not FinishedRun else ()
        return next((why for kind, why in kinds if isinstance(run, kind)), unknown)
    missing = any(run.recording(kind) is None for kind in declared_recorders(figure))
    if missing and not hasattr(figure.function, "made_for"):
        return "recorded in a training whose figures= names it"
    return purpose(figure)


def applies_to(figure: Component, run: FinishedRun) -> bool:
    """Return whether a figure can be drawn of such a run, by the annotation of its function.

    One without an annotation applies to every run.
    """
    first = annotation(figure.function, next(iter(signature(figure.function).parameters.values())))
    if first is Any or not isinstance(first, type | UnionType):
        return True
    return isinstance(run, first)
