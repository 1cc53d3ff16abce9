"""Several seeds trained at once: each as if it were trained alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from runner import datasets
from runner.base.device import Device
from runner.base.errors import TrainingError
from runner.base.option_types import Loss
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TrainSplit
from runner.training.seed_group import seeds_at_once
from runner.training.trained import Training
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
Trained = tuple[dict[str, list[float]], list[NDArray[Any]], list[NDArray[Any]]]
"""History, weights, and variables of the optimizer."""

CPU = Device(False, "CPU", "a test")
XLA = Device(True, "CPU, compiled by XLA as for a GPU", "a test")
SEEDS = [3, 4, 5]
NETWORKS = {
    "dense": ("model=dense", "model.hidden_units=[16]"),
    "lenet": ("model=lenet", "model.filters=[3,4]", "model.hidden_units=[16]"),
    # Adam divides gradients that a batch normalization cancels, mere rounding, by their size
    "vgg-3x3": (
        *("model=vgg-3x3", "model.filters=[3,4]", "model.hidden_units=[16]"),
        *("optimizer=sgd", "optimizer.learning_rate=0.005"),
    ),
}
SGD = ("optimizer=sgd", "optimizer.learning_rate=0.005")
LENET = NETWORKS["lenet"]
SMALL = ("training.epochs=2", "training.batch_size=32")
WHOLE = ("training.epochs=2", "training.batch_size=25")
"""No smaller last batch, which needs compilations of its own: where it cannot matter."""
TOLERANCE = 2e-5
"""Of losses and weights, relative to 1: float32 rounds 1e-7, and two epochs of Adam amplify it."""


def small(data: Dataset) -> Dataset:
    """150 images: four whole batches of 32 and one of 22."""
    return replace(data, train=TrainSplit(data.train.images[:150], data.train.labels[:150]))


def trainer(config: Config, data: Dataset, together: int, device: Device = CPU) -> Trainer:
    config = replace(config, seeds=SEEDS, seeds_together=together)
    return Trainer(
        config, data.train, data.validation, data.task, device, remaining=len(SEEDS), say=print
    )


def fit_all(config: Config, data: Dataset, together: int, device: Device = CPU) -> list[Trained]:
    several = trainer(config, data, together, device)
    assert several.seeds == together
    return fit_seeds(several)


def fit_seeds(several: Trainer) -> list[Trained]:
    """Train all seeds, in the groups that the trainer makes of them."""
    found: dict[int, Trained] = {}
    for group in several.groups(SEEDS):
        nothing: list[Any] = [[] for _ in group]
        for seed, training in several.fit_together(group, nothing, [None] * len(group)):
            found[seed] = trained(training)
    return [found[seed] for seed in SEEDS]


def trained(training: Training) -> Trained:
    model = training.model
    kept = [np.array(variable) for variable in model.optimizer.variables]
    return dict(training.history), [np.array(weight) for weight in model.get_weights()], kept


def assert_alike(together: Sequence[Trained], alone: Sequence[Trained], tolerance: float) -> None:
    for ours, theirs in zip(together, alone, strict=True):
        assert ours[0].keys() == theirs[0].keys()
        for name, values in ours[0].items():
            np.testing.assert_allclose(values, theirs[0][name], rtol=tolerance, atol=tolerance)
        for one, other in zip(ours[1] + ours[2], theirs[1] + theirs[2], strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


@pytest.fixture(scope="module")
def alone(configure: Configure, digits: Dataset) -> Callable[[str], list[Trained]]:
    """Give what the seeds of a network learn one after another, which several tests compare to."""
    return cache(lambda name: fit_all(configure(*NETWORKS[name], *SMALL), small(digits), 1))


def compare(
    config: Config,
    data: Dataset,
    tolerance: float = TOLERANCE,
    alone: list[Trained] | None = None,
) -> list[Trained]:
    alone = alone or fit_all(config, small(data), 1)
    together = fit_all(config, small(data), 3)
    assert_alike(together, alone, tolerance)
    first, second = alone[0][1], alone[1][1]
    assert any(not np.allclose(a, b, atol=1e-3) for a, b in zip(first, second, strict=True))
    return together


# --- the same meaning --------------------------------------------------------------------------


@pytest.mark.parametrize("network", NETWORKS)
def test_each_seed_is_trained_as_if_alone(
    configure: Configure, digits: Dataset, network: str, alone: Callable[[str], list[Trained]]
) -> None:
    if network == "vgg-3x3":
        # a batch normalization amplifies rounding from step to step, so that one step is compared
        whole = ("training.epochs=1", "training.batch_size=150")
        compare(configure(*NETWORKS[network], *whole), digits)
    else:
        compare(configure(*NETWORKS[network], *SMALL), digits, alone=alone(network))


@pytest.mark.parametrize("network", ["lenet", pytest.param("vgg-3x3", marks=pytest.mark.slow)])
def test_each_seed_is_trained_as_if_alone_by_the_kernels_of_a_gpu(
    configure: Configure, digits: Dataset, network: str
) -> None:
    config = configure(*NETWORKS[network], "training.epochs=1", "training.batch_size=150")
    alone, together = (fit_all(config, small(digits), count, XLA) for count in (1, 3))
    # XLA adds up a batch in another order for three seeds than for one
    assert_alike(together, alone, 1e-3 if network == "vgg-3x3" else 1e-4)


def of_all_kinds(input_shape: tuple[int, ...], outputs: int, *, noise: bool) -> keras.Model:
    """Strided, depthwise, separable and plain convolutions, noise, a shortcut, a global mean.

    Below 16 channels oneDNN's gradient of a strided 1x1 convolution writes outside its memory.
    """
    layers = keras.layers
    pixels = keras.Input(input_shape)
    x = layers.Conv2D(16, 3, 2, padding="same", use_bias=False)(layers.Rescaling(1 / 255)(pixels))
    shortcut = layers.Conv2D(16, 1, 2, kernel_regularizer=keras.regularizers.L2(0.01))(x)
    x = layers.BatchNormalization()(x)
    x = layers.GaussianNoise(0.3)(x) if noise else x
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.SeparableConv2D(6, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(16, 3, padding="same")(x)
    x = layers.Dropout(0.3, noise_shape=(None, 1, 1, 1))(x) if noise else x
    x = layers.MaxPooling2D(3, 2, padding="same")(layers.LayerNormalization()(x))
    x = layers.GlobalAveragePooling2D()(layers.Add()([x, shortcut]))
    return keras.Model(pixels, layers.Dense(outputs, "softmax")(x))


@pytest.mark.parametrize("device", [CPU, pytest.param(XLA, marks=pytest.mark.slow)])
def test_layers_of_all_kinds_are_trained_as_if_alone(
    configure: Configure, digits: Dataset, device: Device
) -> None:
    """Compiled they draw other numbers, so that then nothing is drawn."""
    whole = ("training.epochs=2", "training.batch_size=150", *SGD, "optimizer.momentum=0.9")
    noise = {"noise": device is CPU}
    config = replace(configure(*whole), model=Component(of_all_kinds, noise))
    alone = fit_all(config, small(digits), 1)
    for count in (3,) if device is CPU else (1, 3):
        found = fit_all(config, small(digits), count, device)
        assert_alike(found, alone, 1e-4 if device is CPU else 1e-3)


@pytest.mark.parametrize(
    "optimizer",
    [
        ("optimizer=adam", "optimizer.ema=0.9"),
        ("optimizer=adamw", "optimizer.weight_decay=0.1"),
        ("optimizer=sgd", "optimizer.momentum=0.9", "optimizer.nesterov=true"),
        ("optimizer=sgd", "optimizer.weight_decay=0.01"),
        ("optimizer=rmsprop", "optimizer.centered=true", "optimizer.momentum=0.5"),
        ("optimizer=keras", "optimizer.name=Nadam"),
    ],
    ids=" ".join,
)
def test_with_every_optimizer(
    configure: Configure, digits: Dataset, optimizer: tuple[str, ...]
) -> None:
    compare(configure(*NETWORKS["dense"], *WHOLE, *optimizer), digits)


@pytest.mark.parametrize(
    "options",
    [
        ("model.hidden_dropout=0.5", "model.features_dropout=0.3", "augmentation=affine"),
        ("training.loss=categorical_crossentropy", "augmentation=mixup", "schedule=one-cycle"),
        (*WHOLE, "augmentation=shift4", "schedule=cosine", "training.label_smoothing=0.1"),
        (*WHOLE, "augmentation=[elastic,erasing]", "training.loss=mean_squared_error"),
    ],
    ids=" ".join,
)
def test_with_dropout_augmentation_losses_and_schedules(
    configure: Configure, digits: Dataset, options: tuple[str, ...]
) -> None:
    compare(configure(*LENET, *SMALL, *options), digits)


def test_with_a_penalty_on_weights(configure: Configure, digits: Dataset) -> None:
    compare(configure(*NETWORKS["dense"], *WHOLE, "model.input_l1=0.01"), digits)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "sparse_categorical_crossentropy"])
def test_with_two_classes(configure: Configure, digits: Dataset, loss: Loss) -> None:
    config = configure(*NETWORKS["dense"], *SMALL, "dataset=5-vs-6", f"training.loss={loss}")
    assert digits.validation is not None
    train, validation = (
        TrainSplit(one.images, one.labels % 2) for one in (digits.train, digits.validation)
    )
    task = replace(digits.task, names=["even", "odd"])
    compare(config, replace(digits, task=task, train=train, validation=validation))


@pytest.mark.parametrize("activation", ["auto", "logits"])
def test_with_several_labels(configure: Configure, activation: str) -> None:
    labels = ("dataset=shapes-labels", "dataset.train_images=200", "dataset.test_images=9")
    activated = f"model.output_activation={activation}"
    config = configure(
        *NETWORKS["dense"], *SMALL, *labels, activated, "dataset.validation_fraction=0.1"
    )
    compare(config, datasets.load(config.dataset))


def test_a_smaller_last_group_is_trained_too(
    configure: Configure, digits: Dataset, alone: Callable[[str], list[Trained]]
) -> None:
    config, data = configure(*NETWORKS["dense"], *SMALL), small(digits)
    several = trainer(config, data, 2)
    groups = list(several.groups(SEEDS))
    assert groups == [[3, 4], [5]]
    assert_alike(fit_all(config, data, 2), alone("dense"), TOLERANCE)


def test_the_seeds_share_the_time(configure: Configure, digits: Dataset) -> None:
    several = trainer(configure(*NETWORKS["dense"], *WHOLE), small(digits), 3)
    done = [one for _, one in several.fit_together(SEEDS, [[], [], []], [None] * 3)]
    assert [one.seeds for one in done] == [3, 3, 3]
    assert done[0].compile_seconds > 0 == done[1].compile_seconds == done[2].compile_seconds
    assert done[0].epoch_seconds[-1] == pytest.approx(done[1].epoch_seconds[-1])


# --- what one seed does not do to the others ---------------------------------------------------


def with_callback(config: Config, function: Callable[[int], Any]) -> Config:
    return replace(config, callbacks={"own": Component(function, {})})


class Spoil(keras.callbacks.Callback):  # type: ignore[misc]
    """Makes the weights of seed 4 no numbers after the first epoch."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.seed == 4:
            self.model.set_weights([np.nan * weight for weight in self.model.get_weights()])


def test_a_loss_that_is_no_number_ends_its_seed_alone(
    configure: Configure, digits: Dataset, alone: Callable[[str], list[Trained]]
) -> None:
    config, data = configure(*LENET, *SMALL), small(digits)
    several = trainer(with_callback(config, Spoil), data, 3)
    found: dict[int, Trained] = {}
    with pytest.raises(TrainingError, match=r"seed 4: the loss is nan in epoch 2"):
        found.update(
            (seed, trained(training))
            for seed, training in several.fit_together(SEEDS, [[], [], []], [None] * 3)
        )
    assert list(found) == [3, 5]
    third, _, fifth = alone("lenet")
    assert_alike([found[3], found[5]], [third, fifth], TOLERANCE)


class StopEarly(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops a seed after so many epochs, and remembers what network it saw."""

    seen: dict[int, list[NDArray[Any]]]

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = epoch == self.seed - 3
        if self.model.stop_training:
            StopEarly.seen[self.seed] = self.model.get_weights()


def test_a_seed_that_stops_early_keeps_its_weights(configure: Configure, digits: Dataset) -> None:
    config = configure(*NETWORKS["dense"], *WHOLE, "training.epochs=4")
    StopEarly.seen = {}
    stopped = fit_all(with_callback(config, StopEarly), small(digits), 3)
    assert [len(history["loss"]) for history, *_ in stopped] == [1, 2, 3]
    for seed, (_, weights, _) in zip(SEEDS, stopped, strict=True):
        for ours, seen in zip(weights, StopEarly.seen[seed], strict=True):
            np.testing.assert_array_equal(ours, seen)


class StopAtOnce(keras.callbacks.Callback):  # type: ignore[misc]
    """Stops before the first epoch, which Keras trains all the same."""

    def __init__(self, seed: int) -> None:
        super().__init__()

    def on_train_begin(self, logs: Any = None) -> None:
        self.model.stop_training = True


@pytest.mark.parametrize("together", [1, 3])
def test_a_stop_before_the_first_epoch_ends_the_training_after_it(
    configure: Configure, digits: Dataset, together: int
) -> None:
    config = configure(*NETWORKS["dense"], *WHOLE, "training.epochs=4")
    stopped = fit_all(with_callback(config, StopAtOnce), small(digits), together)
    assert [len(history["loss"]) for history, *_ in stopped] == [1, 1, 1]


def test_early_stopping_and_plateau_decide_for_each_seed(
    configure: Configure, digits: Dataset
) -> None:
    options = [
        *("callbacks=early-stopping", "callbacks.early-stopping.patience=3"),
        *("callbacks.early-stopping.restore_best_weights=true", "dataset.validation_fraction=0.1"),
        *("schedule=plateau", "schedule.patience=1", "optimizer.learning_rate=0.02"),
        *("training.epochs=14", "training.batch_size=32"),
    ]
    config = configure(*NETWORKS["dense"], *options)
    alone, together = (fit_all(config, small(digits), count) for count in (1, 3))
    lengths = [len(history["loss"]) for history, *_ in alone]
    rates = {tuple(history["learning_rate"]) for history, *_ in alone}
    assert len(set(lengths)) > 1 or len(rates) > 1, "the seeds of this test must differ"
    assert [len(history["loss"]) for history, *_ in together] == lengths
    for ours, theirs in zip(together, alone, strict=True):
        np.testing.assert_allclose(ours[0]["learning_rate"], theirs[0]["learning_rate"])
        np.testing.assert_allclose(ours[0]["loss"], theirs[0]["loss"], rtol=1e-3)


@pytest.mark.parametrize("together", [1, 3])
def test_callbacks_know_the_metrics_of_stacked_seeds(
    configure: Configure, digits: Dataset, together: int
) -> None:
    options = [
        *("callbacks=early-stopping", "callbacks.early-stopping.monitor=accuracy"),
        *("schedule=plateau", "schedule.monitor=accuracy", "schedule.patience=1"),
        "schedule.min_lr=1e-15",
        *("training.epochs=3", "training.batch_size=150", "optimizer.learning_rate=1e-9"),
    ]
    config = configure(*NETWORKS["dense"], *options)
    for history, *_ in fit_all(config, small(digits), together, XLA):
        assert len(history["accuracy"]) == 3
        assert history["learning_rate"][-1] < history["learning_rate"][0]


# --- how many ----------------------------------------------------------------------------------


def at_once(config: Config, data: Dataset, seeds: int, device: Device = CPU) -> tuple[int, str]:
    model = Trainer(config, data.train, data.validation, data.task, CPU).model
    assert data.validation is not None
    return seeds_at_once(config, seeds, model, [data.train, data.validation], device)


def test_seeds_are_trained_in_groups_of_equal_size(configure: Configure, digits: Dataset) -> None:
    config = configure(*NETWORKS["dense"], "seeds_together=4")
    assert [at_once(config, digits, seeds)[0] for seeds in (0, 1, 3, 4, 5, 9)] == [1, 1, 3, 4, 3, 3]


def test_a_cpu_trains_them_one_after_another_unless_told(
    configure: Configure, digits: Dataset
) -> None:
    assert at_once(configure(*NETWORKS["dense"]), digits, 3) == (1, "")
    assert at_once(configure(*NETWORKS["dense"]), digits, 3, XLA) == (3, "")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("training.device_data_gb=0",), "streamed"),
        (("init_from=latest",), "init_from"),
    ],
)
def test_what_cannot_be_trained_at_once_is_said(
    configure: Configure, digits: Dataset, options: tuple[str, ...], reason: str
) -> None:
    config = configure(*NETWORKS["dense"], "seeds_together=3", *options)
    count, why = at_once(config, digits, 3)
    assert (count, reason in why) == (1, True), why


@pytest.mark.parametrize(
    ("network", "millions"),
    [
        (("model=resnet", "model.depth=14"), 2_018),
        (("model=xception-mini", "training.batch_size=1000"), 7_007),
    ],
)
def test_a_network_that_keeps_a_gpu_busy_is_trained_seed_by_seed(
    configure: Configure, digits: Dataset, network: tuple[str, ...], millions: int
) -> None:
    count, why = at_once(configure(*network), digits, 3, XLA)
    assert (count, f"{millions:,} million products" in why) == (1, True), why
    assert at_once(configure(*network, "seeds_together=3"), digits, 3, XLA) == (3, "")


def test_a_layer_that_cannot_is_named(configure: Configure, digits: Dataset) -> None:
    def own(input_shape: tuple[int, ...], outputs: int) -> keras.Model:
        pixels = keras.Input(input_shape)
        dense = keras.layers.Dense(outputs, "softmax")
        x = keras.layers.SpectralNormalization(dense, name="bounded")(
            keras.layers.Flatten()(pixels)
        )
        return keras.Model(pixels, x)

    config = replace(configure("seeds_together=3"), model=Component(own, {}))
    assert "bounded (SpectralNormalization)" in at_once(config, digits, 3)[1]
