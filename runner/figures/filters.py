"""The filters of the convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.option_types import Count, Interval, Language
from runner.figures.finished_run import FinishedRun
from runner.figures.layer_outputs import convolutions
from runner.figures.tile_grid import draw_tiles, gallery, symmetric
from runner.figures.translations import texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kernel = NDArray[np.float32]
PER_ROW = 10


def first_filters(run: FinishedRun, *, interval: Interval | None = None) -> Figure | None:
    """Draw the filters of the first convolution; None where there is none.

    Args:
        run: the finished run.
        interval: of weights, from black to white; None is as far as they reach from 0.
    """
    found = convolutions(run.model)
    if not found:
        return None
    kernel = np.asarray(found[0].kernel, np.float32)
    return draw_filters(kernel, found[0].name, interval=interval, language=run.language)


def deep_filters(
    run: FinishedRun,
    *,
    convolution: Count | None = None,
    limit: Count = 64,
    interval: Interval | None = None,
) -> Figure | None:
    """Draw one convolution's filters, input channels x filters; None where there is none.

    Args:
        run: the finished run.
        convolution: its number, the first being 1; None is the second, or the only one.
        limit: draw no more than so many filters and channels.
        interval: of weights, from black to white; None is as far as they reach from 0.
    """
    found = convolutions(run.model)
    if len(found) < (convolution or 1):
        return None
    layer = found[min(2, len(found)) - 1 if convolution is None else convolution - 1]
    kernel = np.asarray(layer.kernel, np.float32)
    return draw_filter_sheet(
        kernel, layer.name, limit=limit, interval=interval, language=run.language
    )


def draw_filters(
    kernel: Kernel,
    name: str,
    *,
    interval: Interval | None = None,
    language: Language = "en",
) -> Figure:
    """Draw filters of one input channel as a gallery, of several as a sheet.

    Args:
        kernel: [height, width, channels, filters].
        name: of the layer.
        interval: of weights, from black to white; None is as far as they reach from 0.
        language: of the texts.
    """
    height, width, channels, filters = kernel.shape
    if channels > 1:
        return draw_filter_sheet(kernel, name, limit=filters, interval=interval, language=language)
    say = texts(language)
    title = say("Filters of the first convolution")
    size = say("{filters} filters of {height} x {width} weights; layer {name}")
    subtitle = size.format(filters=filters, height=height, width=width, name=name)
    tiles = gallery(kernel[:, :, 0].transpose(2, 0, 1), PER_ROW)
    scale = symmetric(kernel, say("weight"), interval)
    return draw_tiles(tiles, scale, title=title, subtitle=subtitle)


def draw_filter_sheet(
    kernel: Kernel,
    name: str,
    *,
    limit: int = 64,
    interval: Interval | None = None,
    language: Language = "en",
) -> Figure:
    """Draw every filter as a column with a row for each input channel.

    Args:
        kernel: [height, width, channels, filters].
        name: of the layer.
        limit: draw no more than so many filters and channels.
        interval: of weights, from black to white; None is as far as they reach from 0.
        language: of the texts.
    """
    say = texts(language)
    height, width, channels, filters = kernel.shape
    drawn = kernel[:, :, :limit, :limit]
    size = say("{filters} filters of {height} x {width} weights for {channels} input channels")
    subtitle = size.format(filters=filters, height=height, width=width, channels=channels)
    if max(channels, filters) > limit:
        subtitle += "; " + say("the first {limit} are drawn").format(limit=limit)
    return draw_tiles(
        drawn.transpose(2, 3, 0, 1),
        symmetric(drawn, say("weight"), interval),
        title=say("Filters of layer {name}").format(name=name),
        subtitle=subtitle + "\n" + say("rows: input channels; columns: filters"),
        row_names=[str(n) for n in range(drawn.shape[2])],
        column_names=[str(n) for n in range(drawn.shape[3])],
    )
