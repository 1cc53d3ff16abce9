"""Which pixels count for the class that an image is given, by several methods side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.option_types import Language, Natural
from runner.evaluation import attribution as methods_of
from runner.evaluation.probabilities import class_probabilities
from runner.figures.canvas import BAR, Page, outlined, styled, text_width
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import ClassificationRun
from runner.figures.image_selection import errors_and_right_ones, selected_images
from runner.figures.paper import printable
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Heat = NDArray[np.float32]
Method = Literal["saliency", "smooth-grad", "integrated-gradients", "occlusion"]
_SIDE, _STEP, _NAMES = 1.25, 1.32, 0.2
_COVERED = 6
"""An occluding square has this fraction of the image's shorter side: 5 pixels of 28."""

TEXTS: Texts = {
    "Which pixels count for the given class": "Que pixels contam para a classe atribuída",
    "saliency, SmoothGrad: how strongly the score reacts to a pixel": (
        "saliência, SmoothGrad: com que força a pontuação reage a um pixel"
    ),
    "below them: bright yellow speaks for the class, dark blue against it": (
        "abaixo: amarelo claro fala a favor da classe, azul escuro contra"
    ),
    "1 is exceeded by one pixel in a hundred": "um pixel em cem excede 1",
    "image": "imagem",
    "saliency": "saliência",
    "integrated\ngradients": "gradientes\nintegrados",
    "occlusion": "oclusão",
    "reaction": "reação",
    "for or against": "a favor ou contra",
}


@made_for("pictures")
def attribution(
    run: ClassificationRun, *, methods: list[Method], images: list[Natural] | None
) -> Figure | None:
    """Draw which pixels count for the given class; None of a table.

    Of the images selected on the command line, or else of those of `images`.

    Args:
        run: the finished run.
        methods: a row for each; see `runner.evaluation.attribution`.
        images: numbers of test images; None is three confident errors and three right ones.
    """
    if not run.has_pictures:
        return None
    shown = selected_images(run, images) or errors_and_right_ones(run, 3)
    outputs = run.model.predict(shown.images, verbose=0)
    given = class_probabilities(run.model, outputs).argmax(axis=1)
    heats = {name: _heat(name, run.model, shown.images, given) for name in methods}
    names = [
        f"{name}\n→ {run.class_names[label]}"
        for name, label in zip(shown.names, given, strict=True)
    ]
    return draw_attribution(run.printed(shown.images), heats, names, language=run.language)


def _heat(name: Method, model: Any, images: Images, classes: NDArray[np.int64]) -> Heat:
    """Return the heat maps of a method, each divided by what 1 % of its magnitudes exceed.

    Divided by the largest one, most of a map would have one shade, above all in gray.
    """
    side = max(1, round(min(images.shape[1:3]) / _COVERED))
    functions: dict[Method, Callable[..., Heat]] = {
        "saliency": methods_of.saliency,
        "smooth-grad": methods_of.smooth_grad,
        "integrated-gradients": methods_of.integrated_gradients,
        "occlusion": methods_of.occlusion,
    }
    options = {"side": side, "stride": max(1, side // 2)} if name == "occlusion" else {}
    heat = functions[name](model, images, classes, **options)
    high = np.quantile(np.abs(heat), 0.99, axis=(1, 2), keepdims=True)
    return np.asarray(heat / np.where(high > 0, high, 1), np.float32)


@styled()
def draw_attribution(
    images: Images, heats: dict[Method, Heat], names: list[str], *, language: Language = "en"
) -> Figure:
    """Draw each image above its heat maps.

    Args:
        images: [n, height, width, 1 or 3], 0..255.
        heats: of each method, [n, height, width]; drawn from 0 to 1, or from -1 where they have
            a sign.
        names: of each image, in two lines.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    labels = _labels(translate)
    rows = [translate("image"), *(labels[method] for method in heats)]
    lines = [line for row in rows for line in row.split("\n")]
    left = max(text_width(line, 8) for line in lines) + 0.15
    widths = [text_width(line, 8) for name in names for line in name.split("\n")]
    step, top = max(_STEP, max(widths, default=0) + 0.1), 2 * _NAMES
    page = Page(
        left + step * len(images) + BAR,
        top + max(len(rows), 5) * _STEP,
        translate("Which pixels count for the given class"),
        _subtitle(list(heats), translate),
    )
    pictures = {}
    for column, image in enumerate(printable(images)):
        page.write(left + column * step, 0, names[column])
        page.picture(image, left + column * step, top, _SIDE, _SIDE)
    for row, (method, maps) in enumerate(heats.items(), 1):
        for column, heat in enumerate(maps):
            axes = page.axes(left + column * step, top + row * _STEP, _SIDE, _SIDE)
            pictures[_signed(method)] = _show(axes, heat, _signed(method))
    for row, label in enumerate(rows):
        page.write(0, top + row * _STEP + _SIDE / 2, label, va="center")
    bars = {False: translate("reaction"), True: translate("for or against")}
    for number, (signed, picture) in enumerate(sorted(pictures.items())):
        y = top + _STEP * (1 + 2 * number)
        _bar(page, picture, left + step * len(images), y, bars[signed])
    return write_ticks(page.figure, language)


def _show(axes: Any, heat: Heat, signed: bool) -> Any:
    low, colors = (-1, "cividis") if signed else (0, "gray_r")
    return outlined(axes).imshow(heat, cmap=colors, vmin=low, vmax=1, interpolation="nearest")


def _subtitle(methods: list[Method], translate: Callable[[str], str]) -> str:
    """Return what the shades of the drawn methods mean."""
    shades = {
        False: translate("saliency, SmoothGrad: how strongly the score reacts to a pixel"),
        True: translate("below them: bright yellow speaks for the class, dark blue against it"),
    }
    lines = [shades[kind] for kind in sorted(set(map(_signed, methods)))]
    scale = translate("1 is exceeded by one pixel in a hundred")
    return "\n".join([*lines[:-1], f"{lines[-1]}; {scale}"])


def _bar(page: Page, picture: Any, left: float, top: float, label: str) -> None:
    axes = page.axes(left + 0.15, top + 0.1, 0.14, 2 * _STEP - 0.3)
    axes.set_axis_on()
    axes.grid(visible=False)
    ticks = [-1, -0.5, 0, 0.5, 1]
    page.figure.colorbar(picture, cax=axes, ticks=ticks).set_label(label, size=8)
    axes.tick_params(labelsize=7)


def _signed(method: Method) -> bool:
    return method in {"integrated-gradients", "occlusion"}


def _labels(translate: Callable[[str], str]) -> dict[Method, str]:
    return {
        "saliency": translate("saliency"),
        "smooth-grad": "SmoothGrad",
        "integrated-gradients": translate("integrated\ngradients"),
        "occlusion": translate("occlusion"),
    }
