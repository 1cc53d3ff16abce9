"""The filters of the convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.option_types import Count, Interval, Language
from runner.figures.figure_declarations import made_for, of_weights_alone
from runner.figures.finished_run import FinishedRun
from runner.figures.tile_grid import draw_gallery, draw_tiles, symmetric
from runner.figures.translations import Texts, translator
from runner.models.layer_outputs import convolutions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Kernel = NDArray[np.float32]
PER_ROW = 10

TEXTS: Texts = {
    "Filters of the first convolution": "Filtros da primeira convolução",
    "{filters} filters of {height} x {width} weights; layer {name}": (
        "{filters} filtros de {height} x {width} pesos; camada {name}"
    ),
    "{filters} filters of {height} x {width} weights for {channels} input channels": (
        "{filters} filtros de {height} x {width} pesos para {channels} canais de entrada"
    ),
    "Filters of layer {name}": "Filtros da camada {name}",
    "rows: input channels; columns: filters": "linhas: canais de entrada; colunas: filtros",
}


@of_weights_alone
@made_for("convolutions")
def first_filters(run: FinishedRun, *, interval: Interval | None) -> Figure | None:
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


@of_weights_alone
@made_for("convolutions")
def deep_filters(
    run: FinishedRun,
    *,
    convolution: Count | None,
    limit: Count,
    interval: Interval | None,
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
    interval: Interval | None,
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
    translate = translator(language, TEXTS)
    title = translate("Filters of the first convolution")
    subtitle = translate(
        "{filters} filters of {height} x {width} weights; layer {name}",
        filters=filters,
        height=height,
        width=width,
        name=name,
    )
    scale = symmetric(kernel, translate("weight"), interval)
    pictures = kernel[:, :, 0].transpose(2, 0, 1)
    return draw_gallery(pictures, PER_ROW, scale, title=title, subtitle=subtitle, language=language)


def draw_filter_sheet(
    kernel: Kernel,
    name: str,
    *,
    limit: int,
    interval: Interval | None,
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
    translate = translator(language, TEXTS)
    height, width, channels, filters = kernel.shape
    drawn = kernel[:, :, :limit, :limit]
    subtitle = translate(
        "{filters} filters of {height} x {width} weights for {channels} input channels",
        filters=filters,
        height=height,
        width=width,
        channels=channels,
    )
    if max(channels, filters) > limit:
        subtitle += "; " + translate("the first {limit} are drawn", limit=limit)
    return draw_tiles(
        drawn.transpose(2, 3, 0, 1),
        symmetric(drawn, translate("weight"), interval),
        title=translate("Filters of layer {name}", name=name),
        subtitle=subtitle + "\n" + translate("rows: input channels; columns: filters"),
        row_names=[str(n) for n in range(drawn.shape[2])],
        column_names=[str(n) for n in range(drawn.shape[3])],
        language=language,
    )
