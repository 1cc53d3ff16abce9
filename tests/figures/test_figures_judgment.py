"""The figures about how a network judges images, and about its architecture."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from matplotlib.text import Text

from figures.configured import Configured
from runner.figures.architecture import architecture, architecture_summary
from runner.figures.embedding import project
from runner.figures.finished_run import ClassificationRun
from runner.figures.hardest_images import (
    likely_label_errors,
    predict_train,
)
from runner.figures.network_rows import layer_rows
from runner.figures.reliability import calibrate
from runner.models.graph import penultimate
from runner.models.layer_outputs import activations
from runner.models.transfer import transfer

HEAD: dict[str, Any] = {
    **{"backbone": "InceptionResNetV2", "weights": None, "alpha": None, "image_size": None},
    **{"hidden_units": [128, 64, 32], "activation": "relu", "hidden_dropout": 0.0},
    "output_activation": "auto",
}
embedding = Configured("embedding")
hardest_images = Configured("hardest-images")
label_errors = Configured("label-errors")
reliability = Configured("reliability")


class TestReliability:
    def test_error_by_hand(self) -> None:
        probabilities = np.array([[0.85, 0.15]] * 10 + [[0.45, 0.55]] * 10, np.float32)
        labels = np.array([0] * 6 + [1] * 4 + [1] * 5 + [0] * 5)
        calibration = calibrate(probabilities, labels, 10)
        assert calibration.error == pytest.approx(0.5 * 0.25 + 0.5 * 0.05, abs=1e-6)
        assert calibration.counts.tolist() == [0, 0, 0, 0, 0, 10, 0, 0, 10, 0]

    def test_drawn_bars_are_the_accuracies(self, digits: ClassificationRun) -> None:
        figure = reliability(digits, bins=10)
        sure = digits.probabilities.max(axis=1) > 0.9
        right = digits.predictions == digits.labels
        bars = figure.axes[0].patches
        assert bars[-1].get_height() == pytest.approx(100 * right[sure].mean())
        assert figure.axes[1].patches[-1].get_height() == sure.sum()

    def test_a_network_that_is_always_sure_and_right(self) -> None:
        calibration = calibrate(np.eye(10, dtype=np.float32), np.arange(10), 15)
        assert calibration.error == 0


class TestTrainingImages:
    def test_planted_label_errors_are_found(self, digits: ClassificationRun) -> None:
        assert digits.train is not None
        labels = digits.train.labels.copy()
        flipped = np.arange(0, 6000, 100)  # 60, of a network that is wrong for 4 % of all
        labels[flipped] = (labels[flipped] + 3) % 10
        run = replace(digits, train=replace(digits.train, targets=labels))
        suspects = likely_label_errors(predict_train(run), labels)
        found = np.isin(suspects, flipped)
        assert found.sum() > 40
        assert found[:30].mean() > 0.75, "one in a hundred labels is planted"
        figure = label_errors(run)
        assert figure is not None
        said = figure.texts[1].get_text()
        assert said.startswith(f"{len(suspects)} of 6,000 training images")

    def test_hardest_is_the_one_of_largest_loss(self, digits: ClassificationRun) -> None:
        assert digits.train is not None
        few = replace(
            digits,
            train=replace(
                digits.train, images=digits.train.images[:400], targets=digits.train.labels[:400]
            ),
        )
        assert few.train is not None
        loss = keras.losses.sparse_categorical_crossentropy(few.train.labels, predict_train(few))
        hardest = few.train.images[int(np.argmax(np.asarray(loss))), ..., 0]
        figure = hardest_images(few, count=1)
        assert figure is not None
        sheet = figure.artists[0].picture
        np.testing.assert_array_equal(sheet[1:141:5, 1:141:5, 0], 255 - hardest)

    def test_without_training_images_there_are_none(self, digits: ClassificationRun) -> None:
        assert hardest_images(replace(digits, train=None)) is None
        assert label_errors(replace(digits, train=None)) is None


class TestEmbedding:
    def test_features_are_what_the_last_layer_sees(self, digits: ClassificationRun) -> None:
        features = activations(digits.model, [penultimate(digits.model)], digits.images[:50])[0]
        kernel, bias = digits.model.layers[-1].get_weights()
        scores = features @ kernel + bias
        softmax = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(softmax, digits.probabilities[:50], atol=1e-5)

    def test_draws_every_image_and_circles_the_errors(self, digits: ClassificationRun) -> None:
        axes = embedding(digits, count=1000).axes[0]
        sizes = [len(np.asarray(points.get_offsets())) for points in axes.collections]
        assert sum(sizes[:-1]) == 1000
        assert sizes[-1] == (digits.predictions != digits.labels)[:1000].sum()
        assert axes.get_xlabel().startswith("component 1 (")

    @pytest.mark.parametrize("method", ["pca", "t-sne"])
    def test_neighbors_are_of_one_class(self, digits: ClassificationRun, method: str) -> None:
        features = activations(digits.model, [penultimate(digits.model)], digits.images[:300])[0]
        points, _ = project(features, method, 0)  # type: ignore[arg-type]
        distances = np.linalg.norm(points[:, np.newaxis] - points, axis=2)
        np.fill_diagonal(distances, np.inf)
        neighbors = digits.labels[:300][distances.argmin(axis=1)]
        alike = (neighbors == digits.labels[:300]).mean()
        assert alike > {"pca": 0.4, "t-sne": 0.8}[method]


class TestArchitecture:
    def test_rows_hold_shapes_and_parameters(self, digits: ClassificationRun) -> None:
        found = {row.name: row for row in layer_rows(digits.model)}
        assert found["first"].text == "Conv2D 20 5x5, relu"
        assert found["first"].shape == "24 x 24 x 20"
        assert [row.parameters for row in found.values() if row.parameters] == [
            20 * 26,
            40 * (20 * 25 + 1),
            641 * 200,
            201 * 10,
        ]

    def test_diagram_shows_every_layer_once(self, digits: ClassificationRun) -> None:
        figure = architecture(digits)
        drawn = [text.get_text() for text in figure.axes[0].texts if isinstance(text, Text)]
        for layer in digits.model.layers:
            assert drawn.count(layer.name) == 1
        assert "150,770 parameters" in figure.texts[1].get_text()

    def test_branches_come_before_what_joins_them(self) -> None:
        pixels = keras.Input((8, 8, 3))
        long = keras.layers.Conv2D(3, 3, padding="same", name="a")(pixels)
        long = keras.layers.Conv2D(3, 3, padding="same", name="b")(long)
        joined = keras.layers.Add(name="join")([pixels, long])
        model = keras.Model(pixels, keras.layers.Dense(2)(keras.layers.Flatten()(joined)))
        found = layer_rows(model)
        assert [row.name for row in found[1:4]] == ["a", "b", "join"]
        assert found[3].inputs == [0, 2]
        assert all(max(row.inputs, default=-1) < n for n, row in enumerate(found))

    def test_a_backbone_is_one_row(self, digits: ClassificationRun) -> None:
        small = HEAD | {"backbone": "MobileNet", "alpha": 0.25, "hidden_units": [16]}
        model = transfer((28, 28, 1), 10, **small)
        found = layer_rows(model)
        assert len(found) < 12
        assert sum("86 layers inside" in row.text for row in found) == 1
        assert sum(row.parameters for row in found) == model.count_params()
        assert architecture(replace(digits, model=model)).axes

    def test_inception_resnet_is_one_row(self, digits: ClassificationRun) -> None:
        model = transfer((75, 75, 3), 3, **HEAD)
        found = layer_rows(model)
        assert len(found) < 12
        assert sum(row.parameters for row in found) == model.count_params()

    def test_summary_has_all_columns(self, digits: ClassificationRun) -> None:
        text = architecture_summary(digits)
        assert "Param #" in text
        assert "20,040" in text
        assert "150,770" in text
