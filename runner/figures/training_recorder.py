"""Recorders of what figures need from the training itself, such as the weights of each epoch.

A figure declares its recorder, which then observes every training of a run that draws the figure:

    class Losses(Recorder):
        def __init__(self) -> None:
            self.losses: list[float] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.losses.append(logs["loss"])

        def save(self, folder: Path) -> None:
            with replacing(folder / "losses.npy") as part:
                np.save(part, self.losses)

        @classmethod
        def load(cls, folder: Path) -> Losses | None:
            ...

    @recorded_by(Losses)
    def losses(run: FinishedRun) -> Figure | None:
        recorded = run.recording(Losses)
        ...
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.config.component import Component
from runner.training.observer import History, Observer

_DECLARED = "recorders"
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Probe:
    """The first training images, and what they cost.

    Attributes:
        images: [n, ...].
        targets: encoded as the loss takes them.
        loss: from targets and outputs, without regularization and class weights.
    """

    images: Images
    targets: NDArray[Any]
    loss: Callable[[Any, Any], Any]


class Recorder(Observer, ABC):
    """An observer whose recording is saved with the run. Made anew for every seed."""

    def see(self, probe: Probe) -> None:
        """Hear what may be asked of the network while it is trained, before that begins."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the recording to files in the folder of the run, or none if it is empty."""

    def images(self) -> dict[str, dict[int, Images]]:
        """Return series of pictures by epoch, 0 being before training; see `OpenRun.log_images`."""
        return {}

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self | None:
        """Read the recording from the folder of a run; None where there is none."""

    def keep(self, folder: Path) -> None:
        """Save the recording so far."""
        self.save(folder)

    def go_on(self, folder: Path, history: History) -> None:
        """Go on with the recording so far; where there is none, with what was just begun."""
        if (recorded := self.load(folder)) is not None:
            vars(self).update(vars(recorded))


def recorded_by(*recorders: type[Recorder]) -> Callable[[Function], Function]:
    """Declare the recorders that a figure needs; see `FinishedRun.recording`."""

    def declare(figure: Function) -> Function:
        setattr(figure, _DECLARED, recorders)
        return figure

    return declare


def declared_recorders(figure: Component) -> tuple[type[Recorder], ...]:
    """Return the kinds of recorders that a figure needs; see `recorded_by`."""
    return getattr(figure.function, _DECLARED, ())


def new_recorders(figures: Iterable[Component]) -> list[Recorder]:
    """Return a recorder of each kind that the figures declare."""
    kinds = [kind for figure in figures for kind in declared_recorders(figure)]
    return [kind() for kind in dict.fromkeys(kinds)]
