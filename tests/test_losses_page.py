"""docs/losses.md: every sum is what Keras computes."""

import re
from pathlib import Path
from statistics import fmean
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

PAGE = Path(__file__).parents[1] / "docs" / "losses.md"


def section(title: str) -> tuple[list[list[NDArray[np.float32]]], float]:
    """Return the numbers in each cell of a section's table, and the mean that it ends with."""
    text, rows = table(title)
    mean = re.search(r"Mean: .* = ([\d.]+[\d])", text)
    assert mean is not None
    return rows, float(mean[1])


def table(title: str) -> tuple[str, list[list[NDArray[np.float32]]]]:
    """Return a section, and the numbers in each cell of its table."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if re.match(r"\| -?\d", line)]
    return text, [[numbers(cell) for cell in row.strip("| ").split(" | ")] for row in rows]


def numbers(cell: str) -> NDArray[np.float32]:
    return np.array(
        [float(one) for one in re.findall(r"-?[\d.]+", cell.rsplit(" = ", maxsplit=1)[-1])],
        "float32",
    )


def losses(loss: Any, targets: Any, outputs: Any) -> list[float]:
    return [float(one) for one in np.ravel(loss.call(np.array(targets), np.array(outputs)))]


def check(computed: list[float], cells: list[Any], mean: float) -> None:
    np.testing.assert_allclose(computed, [float(cell[-1]) for cell in cells], atol=1e-4)
    assert fmean(computed) == pytest.approx(mean, abs=1e-4)


def test_activations() -> None:
    text, rows = table("Activations")
    z, *columns = np.array([[cell[0] for cell in row] for row in rows]).T
    for name, column in zip(("tanh", "sigmoid", "relu"), columns, strict=True):
        computed = keras.activations.get(name)(keras.ops.convert_to_tensor(z))
        np.testing.assert_allclose(computed, column, atol=1e-4)
    logits, shares = (
        numbers(" ".join(re.search(rf"{before}(.*?){after}", text, re.S).groups()))  # type: ignore[union-attr]
        for before, after in (("Of ", " these are"), ("softmax gives ", ", which add"))
    )
    np.testing.assert_allclose(keras.ops.softmax(logits), shares, atol=1e-4)


def test_one_class_of_several() -> None:
    rows, mean = section("One class of several")
    labels, one_hot, probabilities, printed = zip(*rows, strict=True)
    sparse = keras.losses.SparseCategoricalCrossentropy()
    check(losses(sparse, np.ravel(labels).astype(int), probabilities), list(printed), mean)
    check(
        losses(keras.losses.CategoricalCrossentropy(), one_hot, probabilities), list(printed), mean
    )


def test_logits() -> None:
    rows, mean = section("Logits")
    labels, logits, softmax, printed = zip(*rows, strict=True)
    np.testing.assert_allclose(keras.ops.softmax(np.array(logits)), np.array(softmax), atol=1e-4)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    check(losses(loss, np.ravel(labels).astype(int), logits), list(printed), mean)


def test_two_classes() -> None:
    rows, mean = section("Two classes")
    labels, logits, probabilities, printed = zip(*rows, strict=True)
    np.testing.assert_allclose(
        keras.ops.sigmoid(np.array(logits))[:, 0], [p[-1] for p in probabilities], atol=1e-4
    )
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    check(losses(loss, labels, logits), list(printed), mean)


def test_several_labels_at_once() -> None:
    rows, mean = section("Several labels at once")
    labels, probabilities, of_labels, printed = zip(*rows, strict=True)
    check(losses(keras.losses.BinaryCrossentropy(), labels, probabilities), list(printed), mean)
    np.testing.assert_allclose(
        [one.mean() for one in of_labels], [one[-1] for one in printed], atol=1e-4
    )
