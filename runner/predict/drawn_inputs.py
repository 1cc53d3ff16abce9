"""A contact sheet of the inputs as the network receives them, with their classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runner.figures.contact_sheet import contact_sheet
from runner.figures.paper import printable
from runner.figures.translations import Texts, translator
from runner.predict.prediction import InputPrediction, PredictionResults
from runner.predict.prediction_forms import form_of
from runner.predict.prediction_task import PredictionTask

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST = 22

TEXTS: Texts = {
    "What the network was shown": "O que foi mostrado à rede",
    "given class (probability)": "classe atribuída (probabilidade)",
    "given class (probability); wrong ones are framed": (
        "classe atribuída (probabilidade); erradas com moldura"
    ),
}


def draw_inputs(results: PredictionResults, task: PredictionTask) -> Figure:
    """Draw inputs, gray images as bright as they were to the network; wrong ones are framed."""
    translate = translator(task.language, TEXTS)
    shown = results.predictions[: len(results.drawable)]
    images = np.clip(np.rint(np.stack(results.drawable)), 0, 255).astype(np.uint8)
    images = printable(images, dark=False)
    subtitle = translate("given class (probability)")
    if results.with_truth:
        subtitle = translate("given class (probability); wrong ones are framed")
    if len(shown) < len(results.predictions):
        subtitle += "; " + translate("the first {limit} are drawn", limit=len(shown))
    return contact_sheet(
        images,
        [_caption(prediction, task) for prediction in shown],
        title=translate("What the network was shown"),
        subtitle=subtitle,
        framed=np.array([prediction.is_wrong for prediction in shown]),
    )


def _caption(prediction: InputPrediction, task: PredictionTask) -> str:
    name = Path(prediction.name).name
    name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."
    return f"{name}\n{form_of(task.task).caption(prediction, task.names, task.language)}"
