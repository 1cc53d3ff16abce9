"""Training in compiled calls, against Keras' own loop and against what was promised."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from runner import models
from runner.base import losses
from runner.base.device import Device
from runner.base.errors import TrainingError
from runner.base.option_types import Loss
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TrainSplit
from runner.training import conv_pool_fusion
from runner.training import stage as stages
from runner.training.augmentation import Augmentation, geometry
from runner.training.trained import Training
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
Batch = tuple[NDArray[np.float32], NDArray[Any]]
CPU = Device(False, "CPU", "a test")
XLA = Device(True, "CPU, compiled by XLA as for a GPU", "a test")
NETWORKS = {
    "dense": ("model=dense", "model.hidden_units=[16]"),
    "lenet": ("model=lenet", "model.filters=[3,4]", "model.hidden_units=[16]"),
    "vgg-3x3": (
        "model=vgg-3x3",
        "model.filters=[4,6]",
        "model.hidden_units=[16]",
        "model.block_dropout=0",
        "model.hidden_dropout=0",
    ),
}
DROPOUT = ("model.features_dropout=0.5", "model.hidden_dropout=0.5")


class Recorder(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps every batch that is trained on, and what the network and its rate were."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Batch] = []
        self.initial: list[NDArray[Any]] = []
        self.losses: list[float] = []

    def augmentation(self) -> Augmentation:
        def keep(images: NDArray[np.float32], targets: NDArray[Any]) -> None:
            self.batches.append((images.copy(), targets.copy()))

        def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
            del version, seed
            tf.numpy_function(keep, [images, targets], [])
            return images, targets

        return Augmentation(apply)

    def recording(self, config: Config) -> Config:
        chain = {**config.augmentation, "recorder": Component(self.augmentation, {})}
        return replace(config, augmentation=chain)

    def on_train_begin(self, logs: Any = None) -> None:
        self.batches.clear()  # those of the first call, which compiles
        self.initial = self.model.get_weights()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.losses.append(logs["loss"])


def small(data: Dataset, count: int) -> Dataset:
    return replace(data, train=TrainSplit(data.train.images[:count], data.train.labels[:count]))


def trainer(config: Config, data: Dataset, device: Device = CPU) -> Trainer:
    return Trainer(config, data.train, data.validation, data.task, device)


def fit(
    config: Config, data: Dataset, *callbacks: keras.callbacks.Callback, device: Device = CPU
) -> Training:
    return trainer(config, data, device).fit(config.seed, list(callbacks))


def weights(trained: Training) -> list[NDArray[Any]]:
    return [np.array(weight) for weight in trained.model.get_weights()]


def assert_same(ours: list[NDArray[Any]], theirs: list[NDArray[Any]]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def differ(ours: list[NDArray[Any]], theirs: list[NDArray[Any]]) -> bool:
    return any(not np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


# --- the same as Keras' own loop -------------------------------------------------------------


def assert_equals_keras(config: Config, data: Dataset, optimizer: Any, loss: str) -> None:
    """Train an epoch with Trainer, then the same batches with train_on_batch; compare.

    Float32 sums are taken in another order inside a compiled loop, hence the tolerance.
    """
    recorder = Recorder()
    trained = fit(recorder.recording(config), replace(data, validation=None), recorder)
    outputs = losses.output_count(
        losses.resolve_loss(config.training.loss, data.classes), data.classes
    )
    reference = models.build_model(config.model, outputs, data.train)
    reference.set_weights(recorder.initial)
    reference.compile(optimizer, loss, run_eagerly=True)  # a graph would take longer to make
    assert sum(len(targets) for _, targets in recorder.batches) == len(data.train)
    for images, targets in recorder.batches:
        reference.train_on_batch(images, targets)
    optimizer.finalize_variable_values(reference.trainable_variables)
    assert differ(recorder.initial, weights(trained))
    for ours, theirs in zip(weights(trained), reference.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch_size", [50, 64], ids=["whole batches", "partial last batch"])
@pytest.mark.parametrize("network", NETWORKS)
def test_an_epoch_gives_the_weights_of_keras_own_loop(
    network: str, batch_size: int, configure: Configure, digits: Dataset
) -> None:
    size = f"training.batch_size={batch_size}"
    config = configure(*NETWORKS[network], size, "training.epochs=1")
    adam = keras.optimizers.Adam(1e-3)
    assert_equals_keras(config, small(digits, 200), adam, "sparse_categorical_crossentropy")


@pytest.mark.parametrize("network", NETWORKS)
def test_compiled_by_xla_an_epoch_gives_the_same_weights(
    network: str, configure: Configure, digits: Dataset
) -> None:
    """What a GPU runs, with its faster convolutions, here on the CPU.

    Without batch normalization: its gradient loses four digits on these nearly black images, and a
    few steps make of that 1e-3, with Keras' own layers too.
    """
    batch_size = 64 if network == "lenet" else 50  # of 250: one network has a smaller last batch
    sizes = (f"training.batch_size={batch_size}", "training.epochs=1", "augmentation=shift4")
    sgd = ("optimizer=sgd", "optimizer.momentum=0.9")  # Adam would magnify differences of 1e-8
    options = [*NETWORKS[network], *sizes, *sgd]
    options += ["model.batch_normalization=false"] if network == "vgg-3x3" else []
    config, data = configure(*options), small(digits, 50)
    plain, compiled = fit(config, data), fit(config, data, device=XLA)
    for ours, theirs in zip(weights(compiled), weights(plain), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    for name, values in plain.history.items():
        np.testing.assert_allclose(compiled.history[name], values, rtol=1e-3)


@pytest.mark.parametrize(
    "overrides",
    [
        NETWORKS["lenet"],
        NETWORKS["vgg-3x3"],
        (*NETWORKS["vgg-3x3"], "model.batch_normalization=false"),
        (*NETWORKS["lenet"], "model.pool_size=3", "model.kernel_size=[3,4]"),
        (*NETWORKS["lenet"], "model.activation=leaky_relu"),
        (*NETWORKS["lenet"], "model.activation=gelu"),
        (*NETWORKS["lenet"], "model.pool_size=1", "model.kernel_size=8"),
    ],
    ids=" ".join,
)
def test_the_faster_convolutions_give_what_keras_layers_give(
    overrides: tuple[str, ...], configure: Configure, digits: Dataset
) -> None:
    model = models.build_model(configure(*overrides).model, 10, digits.train)
    for weight in model.trainable_variables:  # biases that are not 0 would hide a lost one
        weight.assign_add(0.05 * np.random.default_rng(1).normal(size=weight.shape))
    images = tf.constant(digits.test.images[:20], tf.float32)
    labels = digits.test.labels[:20]

    def step() -> list[NDArray[Any]]:
        with tf.GradientTape() as tape:
            outputs = model(images, training=True)
            loss = keras.losses.SparseCategoricalCrossentropy()(labels, outputs)
        gradients = tape.gradient(loss, model.trainable_variables)
        return [np.asarray(value) for value in (outputs, *gradients)]

    expected = step()
    with conv_pool_fusion.fused(model):
        got = step()
    after = step()
    for ours, theirs, restored in zip(got, expected, after, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(restored, theirs, rtol=1e-3, atol=1e-5)


OPTIMIZERS: dict[str, tuple[list[str], Callable[[Any], Any]]] = {
    "adamw": (["optimizer=adamw"], lambda k: k.AdamW(1e-3, weight_decay=4e-3)),
    "sgd": (["optimizer=sgd"], lambda k: k.SGD(0.01)),
    "momentum": (
        ["optimizer=sgd", "optimizer.momentum=0.9"],
        lambda k: k.SGD(0.01, momentum=0.9),
    ),
    "nesterov": (
        ["optimizer=sgd", "optimizer.momentum=0.9", "optimizer.nesterov=true"],
        lambda k: k.SGD(0.01, momentum=0.9, nesterov=True),
    ),
    "sgd weight decay": (
        ["optimizer=sgd", "optimizer.weight_decay=0.1"],
        lambda k: k.SGD(0.01, weight_decay=0.1),
    ),
    "rmsprop": (["optimizer=rmsprop"], lambda k: k.RMSprop(1e-3)),
    "centered": (
        ["optimizer=rmsprop", "optimizer.centered=true", "optimizer.momentum=0.5"],
        lambda k: k.RMSprop(1e-3, centered=True, momentum=0.5),
    ),
    "adam options": (
        ["optimizer.beta_1=0.7", "optimizer.beta_2=0.9", "optimizer.epsilon=0.001"],
        lambda k: k.Adam(1e-3, beta_1=0.7, beta_2=0.9, epsilon=1e-3),
    ),
    "ema": (["optimizer.ema=0.9"], lambda k: k.Adam(1e-3, use_ema=True, ema_momentum=0.9)),
    "cosine": (
        ["schedule=cosine", "schedule.final_fraction=0.1"],
        lambda k: k.Adam(k.schedules.CosineDecay(1e-3, 4, alpha=0.1)),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_keras_own_steps(
    name: str, configure: Configure, digits: Dataset
) -> None:
    overrides, build = OPTIMIZERS[name]
    sizes = ("training.batch_size=50", "training.epochs=1")
    config = configure(*NETWORKS["dense"], *sizes, *overrides)
    optimizer = build(keras.optimizers)
    assert_equals_keras(config, small(digits, 200), optimizer, "sparse_categorical_crossentropy")


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "mean_squared_error"])
def test_every_loss_is_keras_own(loss: str, configure: Configure, digits: Dataset) -> None:
    sizes = ("training.batch_size=64", "training.epochs=1")
    config = configure(*NETWORKS["dense"], *sizes, f"training.loss={loss}")
    assert_equals_keras(config, small(digits, 200), keras.optimizers.Adam(1e-3), loss)


# --- what is shown to the network ------------------------------------------------------------


def shown(images: NDArray[Any], targets: NDArray[Any]) -> Counter[bytes]:
    pairs = zip(images.astype(np.uint8), np.asarray(targets).ravel(), strict=True)
    return Counter(image.tobytes() + int(target).to_bytes() for image, target in pairs)


@pytest.mark.parametrize("device_data_gb", [8, 0], ids=["resident", "streamed"])
def test_every_epoch_shows_each_image_once_in_a_new_order(
    device_data_gb: int, configure: Configure, digits: Dataset
) -> None:
    recorder = Recorder()
    sizes = ("training.batch_size=64", "training.epochs=3")
    where = f"training.device_data_gb={device_data_gb}"
    config = recorder.recording(configure(*NETWORKS["dense"], *sizes, where))
    fit(config, digits, recorder)
    assert [len(targets) for _, targets in recorder.batches] == [64] * 7 + [52] + [64] * 7 + [
        52
    ] + [64] * 7 + [52]
    epochs = [recorder.batches[start : start + 8] for start in (0, 8, 16)]
    orders = []
    for epoch in epochs:
        images = np.concatenate([images for images, _ in epoch])
        targets = np.concatenate([targets for _, targets in epoch])
        assert shown(images, targets) == shown(digits.train.images, digits.train.labels)
        orders.append(targets.tolist())
    assert orders[0] != orders[1] != orders[2] != digits.train.labels.tolist()


def test_shift4_shows_every_image_and_its_four_shifts_once_an_epoch(
    configure: Configure, digits: Dataset
) -> None:
    data, recorder = small(digits, 60), Recorder()
    sizes = ("training.batch_size=32", "training.epochs=1", "augmentation=shift4")
    fit(recorder.recording(configure(*NETWORKS["dense"], *sizes)), data, recorder)
    images = data.train.images
    moved = [images]
    for axis, direction in [(1, -1), (1, 1), (2, 1), (2, -1)]:
        one = np.roll(images, direction, axis)
        edge = 0 if direction == 1 else -1
        one[(slice(None),) * axis + (edge,)] = 0
        moved.append(one)
    expected = shown(np.concatenate(moved), np.tile(data.train.labels, 5))
    got = shown(
        np.concatenate([images for images, _ in recorder.batches]),
        np.concatenate([targets for _, targets in recorder.batches]),
    )
    assert got == expected
    assert len(recorder.batches) == 10  # 300 images: nine batches of 32 and one of 12


def test_shift4_moves_north_south_east_and_west() -> None:
    images = np.zeros((5, 7, 9, 1), np.float32)
    images[:, 3, 4] = 200
    change = geometry.shift4()
    seed = tf.constant([[0, 0]])
    moved, _ = change.apply(tf.constant(images), tf.zeros(5), tf.range(5), seed)
    places = [tuple(np.argwhere(image[..., 0])[0]) for image in np.asarray(moved)]
    assert places == [(3, 4), (2, 4), (4, 4), (3, 5), (3, 3)]  # none, N, S, E, W
    assert np.asarray(moved).sum() == 5 * 200


# --- what must not matter --------------------------------------------------------------------


@pytest.mark.parametrize("network", ["lenet", pytest.param("vgg-3x3", marks=pytest.mark.slow)])
def test_streamed_data_give_the_weights_of_resident_data(
    network: str, configure: Configure, digits: Dataset
) -> None:
    overrides = (*NETWORKS[network], "training.batch_size=64", "training.epochs=2")
    overrides += ("augmentation=shift4",)
    resident = fit(configure(*overrides), small(digits, 100))
    streamed = fit(configure(*overrides, "training.device_data_gb=0"), small(digits, 100))
    assert_same(weights(streamed), weights(resident))
    resident.history.pop("learning_rate")
    for name, values in resident.history.items():
        assert streamed.history[name] == values


def test_steps_in_one_call_do_not_matter(
    configure: Configure, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = ("training.batch_size=32", "training.epochs=2")
    config = configure(*NETWORKS["lenet"], *DROPOUT, *sizes, "augmentation=shift4")
    results = []
    for steps in (1, 3, 1000):
        monkeypatch.setattr(stages, "STREAMED_STEPS", steps)
        results.append(weights(fit(config, small(digits, 100))))
    assert_same(results[0], results[1])
    assert_same(results[0], results[2])


@pytest.mark.parametrize(("device_data_gb", "seeds_together"), [(8, 1), (0, 1), (8, 2)])
def test_a_step_is_traced_once_for_each_size_of_its_batches(
    device_data_gb: int,
    seeds_together: int,
    configure: Configure,
    digits: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traced: list[int] = []

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        traced.append(images.shape[0])
        return images, targets

    monkeypatch.setattr(stages, "STREAMED_STEPS", 3)
    sizes = ("training.batch_size=64", "training.epochs=2", "seeds=2")
    where = f"training.device_data_gb={device_data_gb}"
    config = configure(*NETWORKS["dense"], *sizes, where, f"seeds_together={seeds_together}")
    change = {"counted": Component(lambda: Augmentation(apply), {})}
    several = Trainer(
        replace(config, augmentation=change),
        digits.train,
        digits.validation,
        digits.task,
        CPU,
        remaining=seeds_together,
    )
    assert several.seeds == seeds_together
    list(several.fit_together([0, 1][:seeds_together], [[]] * 2, [None] * seeds_together))
    assert traced == [seeds_together * 64, seeds_together * 52]


# --- seeds -----------------------------------------------------------------------------------


def test_a_seed_gives_the_same_weights_alone_after_others_and_again(
    configure: Configure, digits: Dataset
) -> None:
    data = small(digits, 200)
    overrides = (*NETWORKS["lenet"], *DROPOUT, "training.batch_size=64", "training.epochs=2")
    overrides += ("augmentation=shift4", "schedule=plateau", "optimizer.ema=0.5")
    several = trainer(configure(*overrides, "seeds=[3,4]"), data)
    third, fourth = (weights(several.fit(seed, [])) for seed in (3, 4))
    assert differ(third, fourth)
    assert_same(weights(several.fit(3, [])), third)
    assert_same(weights(fit(configure(*overrides, "seed=4"), data)), fourth)


def test_only_the_first_seed_is_compiled_for(configure: Configure, digits: Dataset) -> None:
    config = configure(*NETWORKS["dense"], "training.epochs=1", "seeds=2")
    several = trainer(config, digits)
    first, second = several.fit(0, []), several.fit(1, [])
    assert first.compile_seconds > 0 == second.compile_seconds
    assert second.train_seconds == sum(second.epoch_seconds)
    assert len(second.epoch_seconds) == 1


class FromOnes(Recorder):
    """Starts every training from the same weights, whatever its seed."""

    def on_train_begin(self, logs: Any = None) -> None:
        generator = np.random.default_rng(0)
        shapes = [weight.shape for weight in self.model.get_weights()]
        self.model.set_weights([0.1 * generator.normal(size=shape) for shape in shapes])


def test_dropout_differs_between_steps_and_between_seeds(
    configure: Configure, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "STREAMED_STEPS", 1)
    image, label = digits.train.images[:1], digits.train.labels[:1]
    same = TrainSplit(np.repeat(image, 8, axis=0), np.repeat(label, 8))
    data = replace(digits, train=same, validation=None)
    # the weights stay as they are and all images are one, so that only dropout changes the loss
    still = ("optimizer=sgd", "optimizer.learning_rate=1e-20", "training.batch_size=1")
    config = configure(*NETWORKS["lenet"], *DROPOUT, *still, "training.epochs=1", "seeds=2")
    several = trainer(config, data)
    runs = []
    for seed in (0, 1, 0):
        recorder = FromOnes()
        several.fit(seed, [recorder])
        means = np.array(recorder.losses) * np.arange(1, 9)
        runs.append(np.diff(means, prepend=0))  # the loss of each step, from running means
    assert len(np.unique(runs[0].round(4))) == 8
    assert not np.allclose(runs[0], runs[1], atol=1e-4)
    np.testing.assert_array_equal(runs[0], runs[2])


# --- learning rate ---------------------------------------------------------------------------


def rate(config: Config, steps_per_epoch: int, epochs: int) -> Callable[[int], float]:
    schedule = config.schedule(steps_per_epoch, epochs).rate(1e-3)
    return (lambda step: float(schedule(step))) if callable(schedule) else lambda step: schedule


def test_a_constant_schedule_keeps_the_rate(configure: Configure) -> None:
    assert rate(configure("schedule=constant"), 10, 3)(25) == 1e-3


def test_a_cosine_falls_to_its_final_fraction(configure: Configure) -> None:
    config = configure("schedule=cosine", "schedule.final_fraction=0.2")
    at = [rate(config, 10, 4)(step) for step in (0, 10, 20, 40)]
    quarter = 0.2 + 0.8 * (1 + np.cos(np.pi / 4)) / 2
    np.testing.assert_allclose(at, 1e-3 * np.array([1, quarter, 0.6, 0.2]), rtol=1e-5)


def test_a_cosine_can_rise_first(configure: Configure) -> None:
    config = configure("schedule=cosine", "schedule.warmup_epochs=2")
    at = [rate(config, 10, 6)(step) for step in (0, 10, 20, 40, 60)]
    np.testing.assert_allclose(at, 1e-3 * np.array([0, 0.5, 1, 0.5, 0]), atol=1e-9)


def test_one_cycle_rises_and_falls(configure: Configure) -> None:
    config = configure("schedule=one-cycle")
    at = [rate(config, 10, 10)(step) for step in (0, 15, 30, 65, 100)]
    expected = [0.04, 0.52, 1, 0.0001 + 0.9999 / 2, 0.0001]
    np.testing.assert_allclose(at, 1e-3 * np.array(expected), rtol=1e-4)


def test_the_rate_reaches_the_optimizer_step_by_step(configure: Configure, digits: Dataset) -> None:
    sizes = ("training.batch_size=64", "training.epochs=3")  # eight steps an epoch
    config = configure(*NETWORKS["dense"], *sizes, "schedule=cosine")
    history = fit(config, digits).history
    by_hand = [1e-3 * (1 + np.cos(np.pi * done / 24)) / 2 for done in (8, 16, 24)]
    np.testing.assert_allclose(history["learning_rate"], by_hand, atol=1e-9)


def test_a_plateau_reduces_the_rate_for_each_seed_anew(
    configure: Configure, digits: Dataset
) -> None:
    still = ("optimizer=sgd", "optimizer.learning_rate=1e-12", "training.epochs=8")
    plateau = ("schedule=plateau", "schedule.factor=0.5", "schedule.min_lr=2e-13")
    config = configure(*NETWORKS["dense"], *still, *plateau, "seeds=2")
    several = trainer(config, small(digits, 200))
    for seed in (0, 1):  # nothing improves after the first epoch; patience is 2
        got = several.fit(seed, []).history["learning_rate"]
        expected = [1e-12] * 3 + [5e-13] * 2 + [2.5e-13] * 2 + [2e-13]
        np.testing.assert_allclose(got, expected, rtol=1e-5)


# --- callbacks and validation ----------------------------------------------------------------


def evaluated(model: keras.Model, split: TrainSplit) -> dict[str, float]:
    numbers = model.evaluate(
        split.images.astype(np.float32), split.labels, verbose=0, return_dict=True
    )
    return {name: float(value) for name, value in numbers.items()}


@pytest.mark.parametrize("batch_size", [100, 64, 32])
def test_validation_metrics_are_those_of_evaluate(
    batch_size: int, configure: Configure, digits: Dataset
) -> None:
    assert digits.validation is not None
    size = f"training.batch_size={batch_size}"
    overrides = (*NETWORKS["lenet"], *DROPOUT, size, "training.epochs=2")
    trained = fit(configure(*overrides), digits)
    numbers = evaluated(trained.model, digits.validation)
    assert trained.history["val_accuracy"][-1] == pytest.approx(numbers["accuracy"], abs=1e-6)
    assert trained.history["val_loss"][-1] == pytest.approx(numbers["loss"], rel=1e-4)
    assert [len(values) for values in trained.history.values()] == [2] * 5


def test_training_metrics_are_means_over_the_images(configure: Configure, digits: Dataset) -> None:
    still = ("optimizer=sgd", "optimizer.learning_rate=1e-20", "training.batch_size=64")
    trained = fit(configure(*NETWORKS["dense"], *still, "training.epochs=1"), digits)
    numbers = evaluated(trained.model, digits.train)
    assert trained.history["accuracy"] == [pytest.approx(numbers["accuracy"], abs=1e-6)]
    assert trained.history["loss"] == [pytest.approx(numbers["loss"], rel=1e-4)]


def test_early_stopping_restores_the_best_weights(configure: Configure, digits: Dataset) -> None:
    assert digits.validation is not None
    worse = ("optimizer=sgd", "optimizer.learning_rate=0.4", "training.epochs=40")
    stop = ("callbacks=early-stopping", "callbacks.early-stopping.patience=2")
    valid = "dataset.validation_fraction=0.1"
    trained = fit(configure(*NETWORKS["dense"], *worse, *stop, valid), digits)
    losses_seen = trained.history["val_loss"]
    assert len(losses_seen) == len(trained.epoch_seconds) < 40
    assert int(np.argmin(losses_seen)) == len(losses_seen) - 3
    best = evaluated(trained.model, digits.validation)["loss"]
    assert best == pytest.approx(min(losses_seen), rel=1e-4)


def test_early_stopping_of_one_seed_does_not_stop_the_next(
    configure: Configure, digits: Dataset
) -> None:
    still = ("optimizer=sgd", "optimizer.learning_rate=1e-20", "training.epochs=5")
    stop = ("callbacks=early-stopping", "callbacks.early-stopping.monitor=loss")
    patience = ("callbacks.early-stopping.patience=1", "callbacks.early-stopping.min_delta=0.1")
    config = configure(*NETWORKS["dense"], *still, *stop, *patience, "seeds=2")
    several = trainer(config, digits)
    assert [len(several.fit(seed, []).epoch_seconds) for seed in (0, 1)] == [2, 2]


def test_a_checkpoint_keeps_the_best_network(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    assert digits.validation is not None
    worse = ("optimizer=sgd", "optimizer.learning_rate=0.4", "training.epochs=6")
    keep = ("callbacks=checkpoint", f"callbacks.checkpoint.path={tmp_path}/best.keras")
    valid = "dataset.validation_fraction=0.1"
    trained = fit(configure(*NETWORKS["dense"], *worse, *keep, valid), digits)
    loaded = keras.saving.load_model(tmp_path / "best.keras", safe_mode=True)
    best = evaluated(loaded, digits.validation)["loss"]
    assert best == pytest.approx(min(trained.history["val_loss"]), rel=1e-4)


# --- failing, precision, losses --------------------------------------------------------------


def test_a_loss_that_is_no_number_stops_training_and_names_the_epoch(
    configure: Configure, digits: Dataset
) -> None:
    class Spoil(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                self.model.get_layer("output").bias.assign(np.full(10, np.nan))

    several = trainer(configure(*NETWORKS["dense"], "training.epochs=5", "seeds=2"), digits)
    with pytest.raises(TrainingError, match="nan in epoch 3"):
        several.fit(0, [Spoil()])
    assert np.isfinite(several.fit(1, []).history["loss"]).all()  # the next seed starts anew


def test_bfloat16_learns_and_keeps_float32_weights(configure: Configure, digits: Dataset) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    sizes = ("training.batch_size=50", "training.epochs=4", "precision=bfloat16")
    trained = fit(configure(*NETWORKS["lenet"], *sizes, "optimizer.learning_rate=0.01"), digits)
    assert trained.history["loss"][-1] < 0.6 * trained.history["loss"][0]
    assert {weight.dtype.name for weight in weights(trained)} == {"float32"}


LABELS = np.array([2, 0, 1])


@pytest.mark.parametrize(
    ("loss", "classes", "expected"),
    [
        ("sparse_categorical_crossentropy", 3, [2, 0, 1]),
        ("categorical_crossentropy", 3, [[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
        ("mean_squared_error", 4, [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]]),
    ],
)
def test_labels_are_encoded_for_each_loss(loss: Loss, classes: int, expected: Any) -> None:
    targets = losses.encode_targets(LABELS, loss, classes)
    np.testing.assert_array_equal(targets, expected)
    assert losses.output_count(loss, classes) == classes
    assert losses.resolve_loss(loss, classes) == loss


def test_auto_is_the_loss_that_fits_the_classes() -> None:
    assert losses.resolve_loss("auto", 2) == "binary_crossentropy"
    assert losses.resolve_loss("auto", 10) == "sparse_categorical_crossentropy"
    assert losses.resolve_loss("auto", 10, soft_targets=True) == "categorical_crossentropy"
    assert losses.output_count("binary_crossentropy", 2) == 1
    targets = losses.encode_targets(np.array([1, 0, 1]), "binary_crossentropy", 2)
    np.testing.assert_array_equal(targets, [[1], [0], [1]])
    assert targets.dtype == np.float32


def test_label_smoothing_moves_probability_to_all_classes() -> None:
    given = np.array([[0.7, 0.2, 0.1]], np.float32)
    smooth = np.array([0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3])
    targets = losses.encode_targets(np.array([0]), "categorical_crossentropy", 3)
    value = losses.loss_function("categorical_crossentropy", 0.1)(targets, given)
    assert float(value) == pytest.approx(-(smooth * np.log(given[0])).sum(), rel=1e-5)
    binary = losses.loss_function("binary_crossentropy", 0.1)(np.array([[1.0]]), np.array([[0.8]]))
    assert float(binary) == pytest.approx(-0.95 * np.log(0.8) - 0.05 * np.log(0.2), rel=1e-5)


def test_label_smoothing_reaches_training(configure: Configure, digits: Dataset) -> None:
    still = ("optimizer=sgd", "optimizer.learning_rate=1e-20", "training.epochs=1")
    trained = fit(configure(*NETWORKS["dense"], *still, "training.label_smoothing=0.3"), digits)
    given = trained.model.predict(digits.train.images.astype(np.float32), verbose=0)
    smooth = 0.7 * np.eye(10)[digits.train.labels] + 0.03
    by_hand = -(smooth * np.log(given)).sum(axis=1).mean()
    assert trained.history["loss"] == [pytest.approx(by_hand, rel=1e-4)]
