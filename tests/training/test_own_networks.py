"""Networks of the user whose outputs do not fit the task, refused before anything is trained."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from runner.base.device import Device
from runner.base.errors import ConfigurationError
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models.layers import output
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
CPU = Device(is_gpu=False, name="a CPU", reason="")
SMALL = ("figures=[]", "training.batch_size=2")
BINARY = ("dataset=5-vs-6", *SMALL)
LABELS = ("dataset=shapes-labels", *SMALL)
NUMBERS = ("dataset=regression", *SMALL)
LOGITS = ("model.output_activation=logits", *SMALL)
OWN = f"{__name__}.own"


def own(
    input_shape: tuple[int, ...], outputs: int, *, last: Callable[[Any, int], Any], flat: bool
) -> keras.Model:
    pixels = keras.layers.Input(input_shape)
    x = keras.layers.Rescaling(1 / 255)(pixels)
    return keras.Model(pixels, last(keras.layers.Flatten()(x) if flat else x, outputs))


def dense(activation: str, more: int = 0, dtype: str | None = None) -> Callable[[Any, int], Any]:
    return lambda x, outputs: keras.layers.Dense(outputs + more, activation, dtype=dtype)(x)


def trainer(
    config: Config, last: Callable[[Any, int], Any], function: Any = own, flat: bool = True
) -> Trainer:
    options = {k: v for k, v in config.model.options.items() if k == "output_activation"}
    model = Component(function, {"last": last, "flat": flat})
    if options["output_activation"] == "logits":  # what the configuration says to the loss
        model = Component(lambda shape, outputs, **_: model_of(shape, outputs), options)
        model.function.__module__, model.function.__qualname__ = __name__, "own"

        def model_of(shape: tuple[int, ...], outputs: int) -> keras.Model:
            return own(shape, outputs, last=last, flat=flat)

    task, random = config.dataset.task(), np.random.default_rng(0)
    images = random.integers(0, 256, (20, *config.dataset.shape)).astype(np.uint8)
    targets = np.arange(20) % len(task.names)
    return Trainer(replace(config, model=model), TrainSplit(images, targets), None, task, CPU)


@pytest.mark.parametrize(
    ("overrides", "more", "words"),
    [
        (SMALL, 1, "gives 11 outputs, expected 10 for the 10 classes of mnist"),
        (SMALL, -1, "gives 9 outputs, expected 10"),
        (BINARY, 1, "gives 2 outputs, expected 1 for the 2 classes of 5-vs-6"),
        (LABELS, 1, "gives 4 outputs, expected 3 for the 3 labels of shapes-labels"),
        (NUMBERS, 1, "gives 3 outputs, expected 2 for the 2 outputs of regression"),
        (LOGITS, 1, "gives 11 outputs, expected 10"),
    ],
)
def test_another_number_of_outputs_is_refused(
    overrides: Sequence[str], more: int, words: str, configure: Configure
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        trainer(configure(*overrides), dense("softmax", more))
    assert f"{OWN} {words}" in str(raised.value)
    assert "end in output(x, outputs," in str(raised.value)


def test_outputs_for_each_pixel_are_refused(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match="gives 28x28x10 outputs, expected 10"):
        trainer(configure(*SMALL), dense("softmax"), flat=False)


def test_a_network_of_the_program_is_held_to_its_outputs_too(configure: Configure) -> None:
    def shipped(*arguments: Any, **options: Any) -> keras.Model:
        return own(*arguments, **options)

    shipped.__module__ = "runner.models.shipped"
    with pytest.raises(ConfigurationError, match="gives 11 outputs"):
        trainer(configure(*SMALL), dense("softmax", 1), shipped)
    assert trainer(configure(*SMALL), dense("linear"), shipped).model.output_shape == (None, 10)


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
def test_what_are_no_probabilities_of_classes_is_refused(
    activation: str, configure: Configure
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        trainer(configure(*SMALL), dense(activation))
    assert f"{OWN} gives" in str(raised.value)
    assert "end in softmax" in str(raised.value)


@pytest.mark.parametrize("overrides", [BINARY, LABELS])
def test_what_are_no_probabilities_of_yes_is_refused(
    overrides: Sequence[str], configure: Configure
) -> None:
    with pytest.raises(ConfigurationError, match="expected probabilities 0 to 1: end in sigmoid"):
        trainer(configure(*overrides), dense("linear"))


@pytest.mark.parametrize(
    ("overrides", "last"),
    [
        (SMALL, dense("softmax")),
        (SMALL, dense("softmax", dtype="bfloat16")),
        (SMALL, dense("softmax", dtype="mixed_bfloat16")),
        (BINARY, dense("sigmoid")),
        (LABELS, dense("sigmoid")),
        (NUMBERS, dense("linear")),
        ((*SMALL, "training.loss=mean_squared_error"), dense("linear")),
        (LOGITS, lambda x, outputs: output(x, outputs, "logits")),
    ],
)
def test_outputs_that_fit_are_taken(
    overrides: Sequence[str], last: Callable[[Any, int], Any], configure: Configure
) -> None:
    trainer(configure(*overrides), last)


def test_logits_belong_to_a_layer_that_says_so(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match=r"output_activation=logits: .* no layer"):
        trainer(configure(*LOGITS), dense("linear"))
    with pytest.raises(ConfigurationError, match="end in softmax"):
        trainer(configure(*SMALL), lambda x, outputs: output(x, outputs, "logits"))


def test_what_keras_says_of_a_table_in_an_own_network_is_kept(configure: Configure) -> None:
    def for_images(x: Any, outputs: int) -> Any:
        return keras.layers.Dense(outputs)(keras.layers.Conv2D(2, 3, name="first")(x))

    with pytest.raises(ConfigurationError) as raised:
        trainer(configure(*NUMBERS), for_images, flat=False)
    assert "own cannot be built for a table of 2 features: Input 0" in str(raised.value)
    assert str(raised.value).endswith("; networks for tables are made like model=dense")
