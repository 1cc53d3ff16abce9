"""Real trained networks for the figures, small enough to be trained in seconds."""

import os
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from runner.base import environment
from runner.base.array_types import Images, Labels
from runner.config.component import Component
from runner.datasets.splits import TestSplit, TrainSplit
from runner.figures import translations
from runner.figures.filter_evolution import KernelHistory
from runner.figures.finished_run import ClassificationRun, RegressionRun
from runner.figures.training_health import HealthHistory
from runner.figures.training_recorder import Probe
from runner.training.augmentation.geometry import affine

DATA = [Path(__file__).parents[2] / "data", Path(os.environ.get("RUNNER_DATA", "data"))]


@pytest.fixture(autouse=True)
def missing_texts_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's text without a Portuguese version stays English; one of our own figures may not."""
    monkeypatch.setattr(translations, "_look_up", lambda texts, text: texts[text])


def cnn1(outputs: int) -> Any:
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Rescaling(-1 / 255, 0.5),
            layers.Conv2D(20, 5, activation="relu", name="first"),
            layers.MaxPooling2D(name="pool-1"),
            layers.Conv2D(40, 5, activation="relu", name="second"),
            layers.MaxPooling2D(name="pool-2"),
            layers.Flatten(),
            layers.Dense(200, activation="relu", name="hidden"),
            layers.Dense(
                outputs, activation="softmax" if outputs > 1 else "sigmoid", name="output"
            ),
        ]
    )


def fitted(
    train: TrainSplit, test: TestSplit, class_names: list[str], folder: Path
) -> ClassificationRun:
    """Train cnn1 for two epochs, the last tenth of the images serving for validation."""
    import keras

    keras.utils.set_random_seed(1)
    model = cnn1(1 if len(class_names) == 2 else len(class_names))
    kernels = KernelHistory()
    kernels.set_model(model)
    binary = len(class_names) == 2
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    health = HealthHistory()
    health.set_model(model)
    probed = train.labels[:100, np.newaxis] if binary else train.labels[:100]
    health.see(Probe(train.images[:100], probed, keras.losses.get(loss)))
    record = [
        keras.callbacks.LambdaCallback(
            on_train_begin=each.on_train_begin, on_epoch_end=each.on_epoch_end
        )
        for each in (kernels, health)
    ]
    model.compile("adam", loss, metrics=["accuracy"])
    options = {"batch_size": 100, "epochs": 2, "validation_split": 0.1, "verbose": 0}
    history = model.fit(train.images, train.labels, callbacks=record, **options).history
    kernels.save(folder)
    health.save(folder)
    history["learning_rate"] = [0.001, 0.001]
    outputs = model.predict(test.images, batch_size=1000, verbose=0)
    return ClassificationRun(
        model=model,
        images=test.images,
        labels=test.labels,
        probabilities=np.hstack([1 - outputs, outputs]) if binary else outputs,
        class_names=class_names,
        history=history,
        train=train,
        folder=folder,
        augmentation={"affine": Component(affine, AFFINE)},
        environment=environment.describe_environment({}),
    )


AFFINE = {"shift": 2.0, "rotation": 10.0, "zoom": 0.1, "shear": 0.0}


def mnist(part: str) -> tuple[Images, Labels]:
    found = [folder / "mnist.npz" for folder in DATA if (folder / "mnist.npz").is_file()]
    if not found:
        pytest.skip("mnist.npz is neither in data/ nor in RUNNER_DATA")
    with np.load(found[0]) as arrays:
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
    return images[..., np.newaxis], labels.astype(np.int64)


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> ClassificationRun:
    """Ten digits: 6000 training images, all 10 000 test images."""
    images, labels = mnist("train")
    train = TrainSplit(images[:6000], labels[:6000])
    folder = tmp_path_factory.mktemp("digits")
    return fitted(train, TestSplit(*mnist("test")), list("0123456789"), folder)


@pytest.fixture(scope="session")
def flat(digits: ClassificationRun) -> ClassificationRun:
    """A network without a convolution."""
    import keras

    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    return replace(digits, model=model)


@pytest.fixture(scope="session")
def five_or_six(tmp_path_factory: pytest.TempPathFactory) -> ClassificationRun:
    """Digits 5 (label 0) and 6 (label 1)."""

    def part(name: str, most: int) -> tuple[Images, Labels]:
        images, labels = mnist(name)
        kept = np.flatnonzero((labels == 5) | (labels == 6))[:most]
        return images[kept], (labels[kept] == 6).astype(np.int64)

    train, test = TrainSplit(*part("train", 3000)), TestSplit(*part("test", 10_000))
    return fitted(train, test, ["5", "6"], tmp_path_factory.mktemp("five-or-six"))


@pytest.fixture(scope="session")
def numbers() -> RegressionRun:
    """A linear network that tells sum and difference of two numbers, nearly."""
    from keras import Input, Sequential, layers

    inputs = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    model = Sequential([Input((2,)), layers.Dense(2)])
    model.set_weights([np.array([[1, 1], [0.9, -1]]), np.array([0, 0.1])])
    targets = np.stack([inputs.sum(axis=1), inputs[:, 0] - inputs[:, 1]], axis=1)
    error = {"loss": [1.0, 0.1], "mean_absolute_error": [0.9, 0.3], "learning_rate": [0.1, 0.1]}
    return RegressionRun(
        model=model,
        images=inputs[20:],
        targets=targets[20:],
        predictions=np.asarray(model(inputs[20:])),
        output_names=["sum", "difference"],
        history=error | {"val_loss": [1.1, 0.2], "val_mean_absolute_error": [1.0, 0.4]},
        train=TrainSplit(inputs[:20], targets[:20]),
    )


@pytest.fixture(scope="session")
def pixels() -> Callable[[Figure], NDArray[np.uint8]]:
    """Return the function that renders a figure as RGBA, [height, width, 4]."""

    def render(figure: Figure) -> NDArray[np.uint8]:
        with BytesIO() as file:
            figure.savefig(file, format="png")
            file.seek(0)
            return (255 * imread(file)).astype(np.uint8)

    return render


@pytest.fixture(scope="session")
def overhang() -> Callable[[Figure], float]:
    """Return the function that says how far, in inches, a figure's edges cut what is on it."""

    def measure(figure: Figure) -> float:
        figure.draw_without_rendering()
        box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
        return float(max(-box.x0, -box.y0, box.x1 - width, box.y1 - height))

    return measure


@pytest.fixture(scope="session")
def two_seeds(
    digits: ClassificationRun, tmp_path_factory: pytest.TempPathFactory
) -> ClassificationRun:
    """The run of ten digits as the first of two seeds; the other one is wrong where it is not."""
    folder = tmp_path_factory.mktemp("two-seeds")
    other = np.roll(digits.probabilities, 1, axis=1)
    other[1000:] = digits.probabilities[1000:]
    for seed, probabilities in enumerate((digits.probabilities, other)):
        (folder / f"seed-{seed}").mkdir()
        path = folder / f"seed-{seed}/predictions.npz"
        np.savez(path, labels=digits.labels, probabilities=probabilities)
    return replace(digits, folder=folder / "seed-0")
