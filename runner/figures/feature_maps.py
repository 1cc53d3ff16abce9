"""Feature maps: what the layers of a network compute from an image."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.option_types import ColorMap, Count, Interval, Language, Natural
from runner.figures.canvas import BAR, Page, styled
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import ClassificationRun
from runner.figures.image_selection import by_class, selected_images
from runner.figures.paper import printable
from runner.figures.tick_numbers import write_ticks
from runner.figures.tile_grid import Scale, Spacing, centers, gallery, gallery_height, show_gallery
from runner.figures.translations import Texts, Translator, translator
from runner.models.graph import LayerName, layer_of, tensors
from runner.models.layer_outputs import activations, map_layers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Maps = NDArray[np.float32]
_PROBED = 500
_INPUT, _SIDE, _SPACE, _WIDEST = 1.1, 0.58, 0.25, 16

TEXTS: Texts = {
    "activation": "ativação",
    "{count} maps of {height} x {width}": "{count} mapas de {height} x {width}",
    "blank: 0, this image does not activate the unit": (
        "vazio: 0, esta imagem não ativa a unidade"
    ),
    "crossed out: the same in all of {images} images, a dead unit ({dead})": (
        "com cruz: igual em todas as {images} imagens, uma unidade morta ({dead})"
    ),
    "Feature maps of layer {name}": "Mapas de características da camada {name}",
}


@made_for("convolutions")
def feature_maps(
    run: ClassificationRun,
    *,
    layers: list[LayerName] | None,
    images: list[Natural] | None,
    intervals: list[Interval] | None,
    limit: Count,
    rows: Count | None = None,
    color_map: ColorMap = "gray_r",
) -> list[Figure] | None:
    """Draw the feature maps of some layers, one figure for each; None where there are none.

    Of the images selected on the command line, or else of those of `images`.

    Args:
        run: the finished run.
        layers: names or numbers; None is the first layer with feature maps and the last.
        images: numbers of test images; None is the first one of each of the first three classes.
        intervals: of activations, from one end of the color map to the other, one for each layer;
            None is as far as they reach.
        limit: draw no more than so many maps of a layer.
        rows: of the maps of an image; None is as few as the page has room for.
        color_map: from low to high activations.
    """
    model = run.model
    found = map_layers(model)
    if layers is not None:
        selected = [layer_of(model, name) for name in layers]
    elif found:
        selected = [found[0], found[-1]][: len(found)]
    else:
        return None
    shown = selected_images(run, images) or by_class(run, range(min(3, len(run.class_names))))
    symbols = [tensors(model)[layer.name] for layer in selected]
    pictures = np.concatenate([shown.images, run.images[:_PROBED]])
    return [
        draw_feature_maps(
            run.printed(shown.images),
            shown.names,
            _as_maps(values[: len(shown.images), ..., :limit]),
            layer.name,
            dead=_dead(values)[:limit],
            looked_at=len(pictures),
            scale=_scale(values[: len(shown.images)], interval, color_map, run.language),
            rows=rows,
            language=run.language,
        )
        for layer, values, interval in zip(
            selected,
            activations(model, symbols, pictures),
            _for_each(selected, intervals),
            strict=True,
        )
    ]


def _scale(
    values: Maps, interval: Interval | None, color_map: ColorMap, language: Language
) -> Scale:
    low, high = interval or (min(0.0, float(values.min())), float(values.max()) or 1.0)
    translate = translator(language, TEXTS)
    return Scale(low, high, translate("activation"), color_map)


def _for_each(
    layers: list[keras.Layer], intervals: list[Interval] | None
) -> Sequence[Interval | None]:
    if intervals is None:
        return [None] * len(layers)
    if len(intervals) != len(layers):
        raise ConfigurationError(
            f"feature-maps.intervals={intervals}: expected one for each of {len(layers)} layers"
        )
    return intervals


def _dead(values: Maps) -> NDArray[np.bool_]:
    """Return which maps, [n, ..., maps], are the same everywhere in every image, [maps]."""
    flat = values.reshape(-1, values.shape[-1])
    dead: NDArray[np.bool_] = flat.min(axis=0) == flat.max(axis=0)
    return dead


def _as_maps(values: Maps) -> Maps:
    """Return activations as [n, maps, height, width]; those of dense layers as 1x1 maps."""
    if values.ndim == 2:  # noqa: PLR2004
        return values[:, :, np.newaxis, np.newaxis]
    return values.transpose(0, 3, 1, 2)


@styled()
def draw_feature_maps(
    images: Images,
    names: list[str],
    maps: Maps,
    layer: str,
    *,
    dead: NDArray[np.bool_],
    looked_at: int,
    scale: Scale,
    rows: int | None = None,
    language: Language = "en",
) -> Figure:
    """Draw the maps of each image beside it, all with the same scale.

    Args:
        images: [n, height, width, 1 or 3], 0..255.
        names: one for each image.
        maps: [n, maps, height, width].
        layer: its name.
        dead: [maps], those to be crossed out.
        looked_at: images in which these are the same everywhere.
        scale: of the activations.
        rows: of the maps of an image; None is as few as the page has room for.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    rows = min(rows or ceil(maps.shape[1] / _WIDEST), maps.shape[1])
    columns = ceil(maps.shape[1] / rows)
    sheets = [gallery(of_image, columns) for of_image in maps]
    down = gallery_height(sheets[0].shape, _SIDE)
    block = max(_INPUT, down) + _SPACE
    left, across = _INPUT + 0.2, columns * _SIDE
    title = translate("Feature maps of layer {name}", name=layer)
    subtitle = _reading(maps, dead, looked_at, translate)
    page = Page(left + across + BAR, block * len(images), title, subtitle)
    for n, image in enumerate(printable(images)):
        page.write(0, n * block, names[n])
        page.picture(image, 0, n * block + _SPACE - 0.05, _INPUT, _INPUT)
        axes = page.axes(left, n * block + _SPACE - 0.05, across, down)
        picture = show_gallery(axes, sheets[n], maps.shape[1], scale, _SIDE)
        _cross_out(axes, np.flatnonzero(dead), sheets[n].shape)
    page.bar(picture, left + across, min(block * len(images), 3.0), scale.label)
    return write_ticks(page.figure, language)


def _reading(maps: Maps, dead: NDArray[np.bool_], looked_at: int, translate: Translator) -> str:
    """Return how many maps there are, and what the blank ones mean."""
    height, width = maps.shape[2:]
    count = maps.shape[1]
    said = [
        translate("{count} maps of {height} x {width}", count=count, height=height, width=width)
    ]
    silent = (maps == 0).all(axis=(2, 3)) & ~dead
    if silent.any():
        said.append(translate("blank: 0, this image does not activate the unit"))
    if dead.any():
        crossed = translate(
            "crossed out: the same in all of {images} images, a dead unit ({dead})",
            images=looked_at,
            dead=int(dead.sum()),
        )
        said.append(crossed)
    return "; ".join(said)


def _cross_out(axes: Axes, maps: NDArray[np.int64], shape: tuple[int, ...]) -> None:
    """Draw a cross over some tiles of a gallery [rows, columns, height, width]."""
    down, across = centers(shape, Spacing.of(shape, _SIDE))
    rows, columns = np.divmod(maps, shape[1])
    axes.plot(across[columns], down[rows], "x", color="#D55E00", ms=14, mew=1.5)
