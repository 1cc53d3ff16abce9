"""Predictions: those of Keras, in stored order, and what is kept of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.reports import network
from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import Dataset
from runner.evaluation.assessment import assess
from runner.evaluation.predictions_file import load_predictions
from runner.evaluation.probabilities import predict_probabilities
from runner.training import inference


@pytest.mark.parametrize("batch", [1000, 300, 128, 7])
def test_predictions_are_those_of_keras_in_stored_order(
    batch: int, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "BATCH", batch)
    model, images = network(), digits.test.images
    ours = predict_probabilities(model, images, xla=False)
    theirs = model.predict(images.astype(np.float32), verbose=0)
    assert ours.shape == (300, 10)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_predictions_follow_the_weights(digits: Dataset) -> None:
    model, images = network(), digits.test.images
    before = predict_probabilities(model, images, xla=False)
    model.set_weights([2 * weight for weight in model.get_weights()])
    after = predict_probabilities(model, images, xla=False)
    np.testing.assert_allclose(after, model.predict(images.astype(float), verbose=0), atol=1e-6)
    assert not np.allclose(before, after)


def test_one_output_gives_the_probabilities_of_both_labels(digits: Dataset) -> None:
    model, images = network(outputs=1), digits.test.images
    positive = model.predict(images.astype(np.float32), verbose=0)
    expected = np.hstack([1 - positive, positive])
    np.testing.assert_allclose(predict_probabilities(model, images, xla=False), expected, atol=1e-6)


def test_what_is_kept_says_which_images_it_is_of(digits: Dataset, tmp_path: Path) -> None:
    assert digits.validation is not None
    report, validation = assess(
        network(), digits, False, EvaluationConfig(test=True, tta=None, tta_versions=1, fitted=True)
    )
    for told, split in ((report, digits.test), (validation, digits.validation)):
        assert told is not None
        arrays: dict[str, Any] = told.arrays()
        np.savez(tmp_path / "kept.npz", allow_pickle=False, **arrays)
        kept = load_predictions(tmp_path / "kept.npz")
        assert kept is not None
        assert kept.examples == split.examples != ""
