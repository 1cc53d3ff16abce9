"""How a prediction of each task is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from runner.base.language import numbers_in_language, written
from runner.base.option_types import Language
from runner.base.tasks import Classification, MultiLabel, Regression, Task
from runner.base.text_table import probability_text
from runner.predict.predict_language import in_language
from runner.predict.prediction import InputPrediction, PredictionResults

Names = Sequence[str]


@dataclass(frozen=True)
class Form:
    """The form of the predictions of one task.

    Attributes:
        heading: of the names in JSON.
        cells: of a table for people in a language, by column; at most so many classes are listed.
        describe: makes the object of a prediction for JSON.
        rows: of a CSV file, its header first.
        caption: under a picture.
    """

    heading: str
    cells: Callable[[InputPrediction, Names, int, Language], dict[str, str]]
    describe: Callable[[InputPrediction, Names], dict[str, Any]]
    rows: Callable[[PredictionResults, Names], Iterator[list[Any]]]
    caption: Callable[[InputPrediction, Names, Language], str]


def form_of(task: Task) -> Form:
    """Return the form of a task's predictions."""
    return _FORMS[type(task)]


def _class_cells(
    prediction: InputPrediction, names: Names, top: int, language: Language
) -> dict[str, str]:
    outputs = prediction.outputs
    first, *others = (-outputs).argsort(kind="stable")[:top]
    wrong = f" {in_language('(wrong)', language)}" * prediction.is_wrong
    cells = {
        "class": names[first],
        "probability": numbers_in_language(probability_text(outputs[first]), language),
        "then": _listed(prediction, names, others, language),
        "true": "" if prediction.truth is None else f"{names[prediction.truth]}{wrong}",
        "seen as": in_language(prediction.preparation, language),
    }
    return {in_language(heading, language): cell for heading, cell in cells.items()}


def _class_object(prediction: InputPrediction, names: Names) -> dict[str, Any]:
    described = {
        "input": prediction.name,
        "class": names[prediction.label],
        "label": prediction.label,
        "probabilities": [round(float(value), 6) for value in prediction.outputs],
        "seen_as": prediction.preparation,
    }
    true = {} if prediction.truth is None else {"true": names[prediction.truth]}
    return described | true


def _class_rows(results: PredictionResults, names: Names) -> Iterator[list[Any]]:
    truth = ["true"] if results.with_truth else []
    yield ["input", "class", *truth, *(f"p({name})" for name in names), "seen as"]
    for prediction in results.predictions:
        true = "" if prediction.truth is None else names[prediction.truth]
        probabilities = [f"{value:.6f}" for value in prediction.outputs]
        cells = [prediction.name, names[prediction.label], *[true][: len(truth)]]
        yield [*cells, *probabilities, prediction.preparation]


def _class_caption(prediction: InputPrediction, names: Names, language: Language) -> str:
    return f"{names[prediction.label]} ({written(f'{prediction.outputs.max():.2f}', language)})"


def _label_cells(
    prediction: InputPrediction, names: Names, top: int, language: Language
) -> dict[str, str]:
    order, given = (-prediction.outputs).argsort(kind="stable"), prediction.labels
    others = [label for label in order if label not in given][:top]
    shown = _listed(prediction, names, [one for one in order if one in given], language)
    cells = {
        "labels": shown or in_language("none", language),
        "not": _listed(prediction, names, others, language),
        "seen as": in_language(prediction.preparation, language),
    }
    return {in_language(heading, language): cell for heading, cell in cells.items()}


def _label_object(prediction: InputPrediction, names: Names) -> dict[str, Any]:
    return {
        "input": prediction.name,
        "labels": [names[label] for label in prediction.labels],
        "probabilities": [round(float(value), 6) for value in prediction.outputs],
        "threshold": prediction.threshold,
        "seen_as": prediction.preparation,
    }


def _label_rows(results: PredictionResults, names: Names) -> Iterator[list[Any]]:
    yield ["input", *names, *(f"p({name})" for name in names), "seen as"]
    for prediction in results.predictions:
        given = [int(label in prediction.labels) for label in range(len(names))]
        probabilities = [f"{value:.6f}" for value in prediction.outputs]
        yield [prediction.name, *given, *probabilities, prediction.preparation]


def _label_caption(prediction: InputPrediction, names: Names, language: Language) -> str:
    given = (
        f"{names[one]} ({written(f'{prediction.outputs[one]:.2f}', language)})"
        for one in prediction.labels
    )
    return "\n".join(given) or "-"


def _number_cells(
    prediction: InputPrediction, names: Names, top: int, language: Language
) -> dict[str, str]:
    del top
    values = [numbers_in_language(f"{value:.5g}", language) for value in prediction.outputs]
    return dict(zip(names, values, strict=True))


def _number_object(prediction: InputPrediction, names: Names) -> dict[str, Any]:
    del names  # they stand once, for all predictions
    return {"input": prediction.name, "outputs": [float(value) for value in prediction.outputs]}


def _number_rows(results: PredictionResults, names: Names) -> Iterator[list[Any]]:
    yield ["input", *names]
    yield from ([one.name, *map(float, one.outputs)] for one in results.predictions)


def _number_caption(prediction: InputPrediction, names: Names, language: Language) -> str:
    pairs = zip(names, prediction.outputs, strict=True)
    return "\n".join(f"{name} {written(f'{value:.5g}', language)}" for name, value in pairs)


def _listed(
    prediction: InputPrediction, names: Names, labels: Sequence[int], language: Language
) -> str:
    texts = [probability_text(prediction.outputs[one]) for one in labels]
    numbers = [numbers_in_language(text, language) for text in texts]
    return ", ".join(f"{names[one]} {number}" for one, number in zip(labels, numbers, strict=True))


_FORMS: dict[type[Task], Form] = {
    Classification: Form("classes", _class_cells, _class_object, _class_rows, _class_caption),
    MultiLabel: Form("labels", _label_cells, _label_object, _label_rows, _label_caption),
    Regression: Form("outputs", _number_cells, _number_object, _number_rows, _number_caption),
}
