"""Networks, and reports of three classes, that are evaluated."""

import keras
import numpy as np

from runner.evaluation.class_metrics import measure_classes
from runner.evaluation.classification_report import Report

NAMES = [str(digit) for digit in range(10)]


def network(outputs: int = 10) -> keras.Model:
    keras.utils.set_random_seed(0)
    activation = "sigmoid" if outputs == 1 else "softmax"
    scaled = keras.layers.Rescaling(1 / 255)
    drop, top = keras.layers.Dropout(0.5), keras.layers.Dense(outputs, activation=activation)
    return keras.Sequential([keras.Input((28, 28, 1)), scaled, keras.layers.Flatten(), drop, top])


def report_of(labels: list[int], predictions: list[int]) -> Report:
    probabilities = np.eye(3, dtype=np.float32)[predictions]
    truth, names = np.array(labels), ["a", "b", "c"]
    classes = measure_classes(truth, np.array(predictions), names)
    return Report(
        labels=truth,
        probabilities=probabilities,
        class_names=names,
        classes=classes,
        binary=None,
        predict_seconds=0.5,
    )
