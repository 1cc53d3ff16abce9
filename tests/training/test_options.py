"""Options of training, optimizers of Keras by name, and losses after training."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from runner.base import device
from runner.base.errors import ConfigurationError
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.evaluation.probabilities import predict_probabilities
from runner.evaluation.split_losses import measure_losses
from runner.training.class_weights import resolve_weights
from runner.training.epoch_order import epoch_order
from runner.training.keras_optimizers import signatures
from runner.training.trained import Training
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
SMALL = ("model=dense", "model.hidden_units=[20]", "training.epochs=2")


def trained(config: Config, data: Dataset) -> Training:
    place = device.prepare_device("cpu", config.precision, deterministic=False)
    return Trainer(config, data.train, data.validation, data.task, place).fit(0, [])


# --- epochs ----------------------------------------------------------------------------------


def test_an_epoch_of_all_items_is_one_pass_in_the_order_of_its_number() -> None:
    for epoch in range(3):
        expected = np.random.default_rng([7, epoch]).permutation(np.arange(10, dtype=np.int32))
        np.testing.assert_array_equal(epoch_order(10, 10, 7, epoch), expected)


@pytest.mark.parametrize("items", [3, 10, 25])
def test_epochs_of_any_length_are_one_sequence_of_passes(items: int) -> None:
    epochs = -(-50 // items)
    joined = np.concatenate([epoch_order(10, items, 7, epoch) for epoch in range(epochs)])[:50]
    passes = np.concatenate([epoch_order(10, 10, 7, one) for one in range(5)])
    np.testing.assert_array_equal(joined, passes)


def test_an_epoch_has_so_many_steps(configure: Configure, digits: Dataset) -> None:
    config = configure(*SMALL, "training.steps_per_epoch=3", "training.batch_size=200")
    training = trained(config, digits)  # 500 images: 3 full batches are more than one pass
    assert int(training.model.optimizer.iterations.numpy()) == 6
    assert len(training.history["loss"]) == 2


# --- class weights ---------------------------------------------------------------------------


def test_balanced_weights_make_up_for_numbers() -> None:
    weights = resolve_weights("balanced", np.array([0, 0, 0, 1]), ["a", "b"])
    np.testing.assert_allclose(weights, [4 / 6, 2.0])
    np.testing.assert_array_equal(resolve_weights({"b": 5.0}, np.array([0]), ["a", "b"]), [1, 5])


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_weighted_classes_are_those_of_keras_fit(
    loss: str, configure: Configure, digits: Dataset
) -> None:
    weights = {"3": 5.0, "8": 0.0}
    shared = (*SMALL, f"training.loss={loss}", "training.epochs=1", "training.batch_size=500")
    ours = trained(configure(*shared, "training.class_weight={3: 5, 8: 0}"), digits)
    plain = trained(configure(*shared), digits)
    start = Trainer(
        configure(*shared),
        digits.train,
        None,
        digits.task,
        device.prepare_device("cpu", "float32", deterministic=False),
    ).model
    images, labels = digits.train.images.astype(np.float32), digits.train.labels
    factors = np.array([weights.get(str(label), 1.0) for label in labels])
    probabilities = np.asarray(start(images))[np.arange(len(labels)), labels]
    expected = float((-np.log(probabilities) * factors).mean())
    assert ours.history["loss"][0] == pytest.approx(expected, rel=1e-4)
    assert plain.history["loss"][0] != pytest.approx(expected, rel=1e-2)


# --- logits ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", ["mnist", "5-vs-6"])
def test_logits_train_and_predict_as_probabilities_do(
    dataset: str, configure: Configure, digits: Dataset
) -> None:
    keep = digits.train.labels < 2
    binary = replace(
        digits,
        task=configure("dataset=5-vs-6").dataset.task(),
        train=replace(
            digits.train, images=digits.train.images[keep], targets=digits.train.labels[keep]
        ),
        validation=None,
    )
    data = digits if dataset == "mnist" else binary
    options = (*SMALL, f"dataset={dataset}", "training.batch_size=50")
    plain = trained(configure(*options), data)
    usual = predict_probabilities(plain.model, data.train.images[:50], xla=False)
    logits = trained(configure(*options, "model.output_activation=logits"), data)
    assert logits.model.layers[-1].activation is keras.activations.linear
    found = predict_probabilities(logits.model, data.train.images[:50], xla=False)
    np.testing.assert_allclose(found, usual, atol=1e-4)
    np.testing.assert_allclose(logits.history["accuracy"], plain.history["accuracy"], atol=1e-6)


# --- optimizers of Keras ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Nadam", "Lion", "Adagrad", "Adadelta", "Adamax", "Ftrl"])
def test_any_optimizer_of_keras_trains(name: str, configure: Configure, digits: Dataset) -> None:
    config = configure(*SMALL, "optimizer=keras", f"optimizer.name={name}")
    training = trained(config, digits)
    assert type(training.model.optimizer) is getattr(keras.optimizers, name)
    assert np.isfinite(training.history["loss"]).all()


def test_options_read_from_the_source_are_those_of_keras() -> None:
    for name, options in signatures().items():
        config = getattr(keras.optimizers, name)().get_config()
        for option, default in options.items():
            if option in config and isinstance(default, int | float):
                assert config[option] == pytest.approx(default), (name, option)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["optimizer.name=Lio"], ["did you mean Lion", "Adagrad"]),
        (["optimizer.options={beta1: 1}"], ["no option beta1", "did you mean beta_1"]),
        (["optimizer.options={beta_1: high}"], ["beta_1 should be a float", "0.9"]),
    ],
)
def test_wrong_options_of_an_optimizer_are_named(
    overrides: list[str], words: list[str], configure: Configure
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configure("optimizer=keras", *overrides)
    assert all(word in str(caught.value) for word in words), caught.value


# --- losses after training -------------------------------------------------------------------

LOSSES: list[Any] = [
    "training.loss=sparse_categorical_crossentropy",
    "training.loss=categorical_crossentropy",
    "training.loss=mean_squared_error",
    "model.output_activation=logits",
]


@pytest.mark.parametrize("change", LOSSES)
def test_losses_after_training_are_those_of_keras_evaluate(
    change: str, configure: Configure, digits: Dataset
) -> None:
    config = configure(
        *SMALL, "dataset.validation_fraction=0.1", "model.hidden_dropout=0.5", change
    )
    model = trained(config, digits).model
    measured = measure_losses(model, digits, config, xla=False)
    loss = digits.task.loss(config.training.loss, soft_targets=False)
    for name, split in {"test": digits.test, "validation": digits.validation}.items():
        assert split is not None
        targets = digits.task.encode(split.targets, loss)
        expected = model.evaluate(split.images.astype(np.float32), targets, verbose=0)[0]
        assert measured[f"{name}_loss"] == pytest.approx(expected, rel=1e-4)
    targets = digits.task.encode(digits.train.targets, loss)
    images = digits.train.images.astype(np.float32)
    expected, accuracy = model.evaluate(images, targets, verbose=0)
    assert measured["fitted_loss"] == pytest.approx(expected, rel=1e-4)
    assert measured["fitted_error"] == pytest.approx(1 - accuracy, abs=1e-6)
    assert measured["fitted_images"] == 500


def test_a_loss_after_training_is_without_what_regularizers_add(
    configure: Configure, digits: Dataset
) -> None:
    config = configure(*SMALL, "model.l2=0.1", "training.label_smoothing=0.1")
    model = trained(config, digits).model
    measured = measure_losses(model, digits, config, xla=False)
    images = digits.test.images.astype(np.float32)
    probabilities = np.asarray(model(images), np.float64)
    true = probabilities[np.arange(len(images)), digits.test.labels]
    assert measured["test_loss"] == pytest.approx(-np.log(true).mean(), rel=1e-4)


@pytest.mark.parametrize(
    "change", ["evaluation.fitted=false", "training.epochs=0", "evaluation.test=false"]
)
def test_what_is_not_asked_for_is_not_measured(
    change: str, configure: Configure, digits: Dataset
) -> None:
    config = configure(*SMALL, "dataset.validation_fraction=0.1", change)
    measured = measure_losses(trained(config, digits).model, digits, config, xla=False)
    assert ("test_loss" in measured) == (change != "evaluation.test=false")
    assert ("fitted_loss" in measured) == (change == "evaluation.test=false")
