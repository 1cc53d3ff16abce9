"""The development of the first convolution's filters during training, as sheet and animation."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.atomic_files import replacing
from runner.base.lazy import matplotlib
from runner.base.option_types import Count, Interval, Language
from runner.figures.figure_declarations import of_results_alone
from runner.figures.filters import PER_ROW, Kernel
from runner.figures.finished_run import FinishedRun
from runner.figures.tile_grid import (
    draw_gallery,
    draw_tiles,
    gallery,
    mosaic,
    numbered_mosaic,
    symmetric,
)
from runner.figures.training_recorder import Recorder, recorded_by
from runner.figures.translations import Texts, translator
from runner.models.layer_outputs import convolutions

if TYPE_CHECKING:
    from matplotlib.animation import Animation
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

_MOST_FILTERS, _MOST_IMAGES, _FILE = 64, 51, "kernels.npz"

TEXTS: Texts = {
    "Filters of the first convolution after each epoch": (
        "Filtros da primeira convolução após cada época"
    ),
    "rows: epochs, 0 is before training; columns: filters": (
        "linhas: épocas, 0 é antes do treino; colunas: filtros"
    ),
}


class KernelHistory(Recorder):
    """Recorder of the first convolution's kernel, before training and after every epoch.

    Attributes:
        kernels: each [height, width, channels, filters]; none where there is no convolution.
    """

    def __init__(self) -> None:
        self.kernels: list[Kernel] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Record the initial kernel."""
        self._record()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the kernel as it is now."""
        self._record()

    def save(self, folder: Path) -> None:
        """Write `kernels.npz`, unless there was no convolution."""
        if self.kernels:
            with replacing(folder / _FILE) as part:
                np.savez_compressed(part, kernels=np.stack(self.kernels))

    def images(self) -> dict[str, dict[int, Images]]:
        """Return pictures of the first input channel's filters, in one scale of gray."""
        reach = max((float(np.abs(kernel[:, :, 0]).max()) for kernel in self.kernels), default=1.0)
        epochs = _spread(len(self.kernels), _MOST_IMAGES)
        shown = {int(epoch): _picture(self.kernels[epoch], reach or 1.0) for epoch in epochs}
        return {"first-filters": shown} if shown else {}

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read `kernels.npz`; None where there is none."""
        if not (folder / _FILE).is_file():
            return None
        history = cls()
        with np.load(folder / _FILE, allow_pickle=False) as arrays:
            history.kernels = list(arrays["kernels"])
        return history

    def _record(self) -> None:
        for layer in convolutions(self.model)[:1]:
            self.kernels.append(np.array(layer.kernel, np.float32))


@of_results_alone
@recorded_by(KernelHistory)
def filter_evolution(run: FinishedRun, *, limit: Count, interval: Interval | None) -> Figure | None:
    """Draw the first convolution's filters after every epoch; None where they were not recorded.

    Args:
        run: the finished run.
        limit: of a longer training draw only so many epochs, evenly spread.
        interval: of weights, from black to white; None is as far as they reach from 0.
    """
    history = run.recording(KernelHistory)
    if history is None:
        return None
    return draw_filter_evolution(
        history.kernels, limit=limit, interval=interval, language=run.language
    )


def draw_filter_evolution(
    kernels: list[Kernel],
    *,
    limit: int,
    interval: Interval | None,
    language: Language = "en",
) -> Figure:
    """Draw a row of filters for each epoch, 0 being before training; of the first input channel."""
    translate = translator(language, TEXTS)
    epochs = _spread(len(kernels), limit)
    tiles = np.stack([kernels[epoch][:, :, 0, :_MOST_FILTERS] for epoch in epochs])
    tiles = tiles.transpose(0, 3, 1, 2)
    return draw_tiles(
        tiles,
        symmetric(tiles, translate("weight"), interval),
        title=translate("Filters of the first convolution after each epoch"),
        subtitle=translate("rows: epochs, 0 is before training; columns: filters"),
        row_names=[str(epoch) for epoch in epochs],
        column_names=[str(n) for n in range(tiles.shape[1])],
        language=language,
    )


@of_results_alone
@recorded_by(KernelHistory)
def filter_animation(run: FinishedRun) -> Animation | None:
    """Return the first convolution's filters, epoch by epoch; None where they were not recorded."""
    history = run.recording(KernelHistory)
    return None if history is None else animate_filters(history.kernels, language=run.language)


def animate_filters(kernels: list[Kernel], *, language: Language = "en") -> Animation:
    """Return an animation with one frame per epoch; of the first input channel."""
    translate = translator(language, TEXTS)
    pictures = [kernel[:, :, 0].transpose(2, 0, 1) for kernel in kernels]
    scale = symmetric(np.stack(pictures), translate("weight"))
    figure = draw_gallery(
        pictures[0],
        PER_ROW,
        scale,
        title=translate("Filters of the first convolution after each epoch"),
        subtitle=f"{translate('epoch')} 0",
        language=language,
    )
    frames = [numbered_mosaic(gallery(picture, PER_ROW)) for picture in pictures]
    shown, subtitle = figure.axes[0].images[0], figure.texts[1]
    turn = partial(_turn_to, shown, subtitle, frames, translate("epoch"))
    return matplotlib.animation.FuncAnimation(figure, turn, len(frames))


def _spread(epochs: int, limit: int) -> NDArray[np.int64]:
    """Return the numbers of at most so many epochs, evenly spread, the last among them."""
    return np.unique(np.linspace(0, max(epochs - 1, 0), min(epochs, limit)).round().astype(int))


def _picture(kernel: Kernel, reach: float) -> Images:
    tiles = mosaic(gallery(kernel[:, :, 0].transpose(2, 0, 1), PER_ROW))
    gray = np.nan_to_num(127.5 * (1 + tiles / reach), nan=255.0).round().clip(0, 255)
    pixels: NDArray[np.uint8] = gray.astype(np.uint8)[..., None]
    return pixels


def _turn_to(
    picture: AxesImage, subtitle: Text, frames: list[NDArray[np.float32]], unit: str, epoch: int
) -> tuple[AxesImage, Text]:
    picture.set_data(frames[epoch])
    subtitle.set_text(f"{unit} {epoch}")
    return picture, subtitle
