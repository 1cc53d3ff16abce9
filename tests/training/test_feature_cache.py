"""Features of a frozen part: computed once, kept, and nothing about the training changed."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from transferring import (
    CPU,
    SMALL,
    XLA,
    Said,
    assert_same,
    network,
    trainer,
    weights,
    with_a_smaller_last_batch,
)

from runner import datasets
from runner.base.cache import limit_size, load_arrays, store_arrays
from runner.base.device import Device
from runner.config.component import Component
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TrainSplit
from runner.models import frozen
from runner.training.trained import Training

Configure = Callable[..., Config]


@pytest.fixture(scope="module")
def drawn(configure: Configure) -> Dataset:
    return datasets.load(configure(*SMALL).dataset)


@pytest.fixture(scope="module")
def small(configure: Configure) -> Callable[..., Config]:
    def compose(*overrides: str, **options: Any) -> Config:
        return replace(configure(*SMALL, *overrides), model=Component(network, options))

    return compose


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "runner/features"


def fit(config: Config, data: Dataset) -> tuple[Training, list[str]]:
    said = Said()
    return trainer(config, data, said).fit(config.seed, []), said.how


# --- the same training -----------------------------------------------------------------------


@pytest.mark.parametrize("device", [CPU, XLA], ids=["cpu", "xla"])
def test_features_give_the_training_that_the_whole_network_gives(
    device: Device, small: Callable[..., Config], drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The features differ only by how float32 sums are taken in batches of other sizes.

    Two seeds, since random frozen layers, and with them the features, differ between seeds.
    """
    config, said, drawn = small("seeds=2"), Said(), with_a_smaller_last_batch(drawn)
    by_features = trainer(config, drawn, said, device)
    with monkeypatch.context() as patch:
        patch.setattr(frozen, "split_frozen", lambda model: None)
        step_by_step = trainer(config, drawn, device=device)
    for seed in (0, 1):
        ours, theirs = (one.fit(seed, []) for one in (by_features, step_by_step))
        assert ours.features_seconds is not None
        assert theirs.features_seconds is None
        assert ours.history.keys() == theirs.history.keys()
        assert len(set(ours.history["loss"])) == 3
        for name, values in theirs.history.items():
            np.testing.assert_allclose(ours.history[name], values, rtol=1e-5)
        for one, other in zip(weights(ours), weights(theirs), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert said.how == ["computed", "computed"]


def test_streamed_features_are_those_that_stay(
    small: Callable[..., Config], drawn: Dataset
) -> None:
    data = with_a_smaller_last_batch(drawn)
    (resident, _), (streamed, _) = (
        fit(small(f"training.device_data_gb={size}"), data) for size in (8, 0)
    )
    assert_same(weights(resident), weights(streamed))


def test_what_is_saved_is_the_whole_network_and_goes_on(
    small: Callable[..., Config], drawn: Dataset, tmp_path: Path
) -> None:
    trained, _ = fit(small(), drawn)
    images = drawn.test.images.astype(np.float32)
    trained.model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict(images), trained.model.predict(images))
    assert loaded.optimizer.iterations.numpy() == 3 * 5  # 40 images in batches of 8
    ours, theirs = (model.optimizer.variables for model in (trained.model, loaded))
    assert_same([np.array(one) for one in ours], [np.array(one) for one in theirs])


def test_a_checkpoint_and_early_stopping_mean_the_whole_network(
    small: Callable[..., Config], drawn: Dataset, tmp_path: Path
) -> None:
    callbacks = "callbacks=[early-stopping,checkpoint]"
    path = f"callbacks.checkpoint.path={tmp_path}/best.keras"
    trained, _ = fit(small(callbacks, path, "training.epochs=20"), drawn)
    assert drawn.validation is not None
    loaded = keras.saving.load_model(tmp_path / "best.keras", safe_mode=True)
    images = drawn.validation.images.astype(np.float32)
    best = loaded.evaluate(images, drawn.validation.labels, return_dict=True)
    assert best["loss"] == pytest.approx(min(trained.history["val_loss"]), rel=1e-4)
    np.testing.assert_allclose(trained.model.predict(images), loaded.predict(images), atol=1e-6)


# --- when ------------------------------------------------------------------------------------


def test_what_is_always_the_same_is_computed_once(
    small: Callable[..., Config], drawn: Dataset
) -> None:
    assert fit(small(), drawn)[1] == ["computed"]


@pytest.mark.parametrize(
    ("overrides", "options"),
    [
        (("augmentation=affine",), {}),
        (("augmentation=mixup",), {}),
        (("augmentation=shift4",), {}),
        ((), {"noise": 0.1}),
        ((), {"inner_dropout": 0.1}),
    ],
)
def test_what_is_not_always_the_same_is_computed_step_by_step(
    overrides: tuple[str, ...],
    options: dict[str, float],
    small: Callable[..., Config],
    drawn: Dataset,
) -> None:
    said = Said()
    config = small(*overrides, "training.epochs=1", **options)
    assert trainer(config, drawn, said).fit(config.seed, []).features_seconds is None
    why = "features  computed in every step: augmentation changes the images"
    assert said == ([why] if overrides else [])


def test_the_split_is_found_whatever_its_layer_is_called(
    small: Callable[..., Config], drawn: Dataset
) -> None:
    parts = frozen.split_frozen(network((28, 28, 3), 3, features="pooled"))
    assert parts is not None
    assert [layer.name for layer in parts.frozen.layers][-1] == "pooled"
    assert [layer.name for layer in parts.head.layers][1:] == ["dense", "dropout", "output"]
    assert fit(small(features="pooled", dropout=0.5), drawn)[1] == ["computed"]


def test_single_frozen_layers_are_split_off_too() -> None:
    pixels = layers.Input((8, 8, 1))
    x = layers.Conv2D(3, 3, trainable=False, name="borrowed")(layers.Rescaling(1 / 255)(pixels))
    x = layers.Flatten(name="flat")(layers.ReLU()(x))
    x = layers.Add()([layers.Dense(108)(x), x])  # around the first layer that is trained
    parts = frozen.split_frozen(keras.Model(pixels, layers.Dense(2)(x)))
    assert parts is not None
    assert parts.frozen.layers[-1].name == "flat"


def test_a_normalization_that_was_adapted_is_no_frozen_part() -> None:
    pixels = layers.Input((4,))
    x = layers.Normalization(mean=[0.0] * 4, variance=[1.0] * 4)(pixels)
    assert frozen.split_frozen(keras.Model(pixels, layers.Dense(2)(x))) is None


def test_what_is_trained_or_read_elsewhere_is_not_split() -> None:
    def beside() -> keras.Model:
        whole = network((28, 28, 3), 3)
        means = layers.GlobalAveragePooling2D()(whole.input)
        return keras.Model(whole.input, layers.Concatenate()([whole.output, means]))

    trained = network((28, 28, 3), 3)
    trained.get_layer("backbone").get_layer("high").trainable = True
    moving = network((28, 28, 3), 3)
    normalization = moving.get_layer("backbone").get_layer("normalization")
    normalization.trainable, normalization.gamma.trainable = True, False
    normalization.beta.trainable = False
    assert not moving.get_layer("backbone").trainable_variables
    assert frozen.split_frozen(moving) is None
    assert frozen.split_frozen(network((28, 28, 3), 3)) is not None
    assert frozen.split_frozen(trained) is None
    assert frozen.split_frozen(beside()) is None
    scaling = keras.Sequential([layers.Input((4,)), layers.Rescaling(0.5, name="features")])
    assert frozen.split_frozen(scaling) is None


# --- what is kept ----------------------------------------------------------------------------


def test_another_run_finds_them(small: Callable[..., Config], drawn: Dataset, kept: Path) -> None:
    (first, said), (second, again) = fit(small(), drawn), fit(small(), drawn)
    assert (said, again) == (["computed"], ["found in the cache"])
    assert_same(weights(first), weights(second))
    assert len(list(kept.iterdir())) == 2  # training and validation images


def test_what_was_not_read_for_longest_makes_room(tmp_path: Path) -> None:
    for age, name in enumerate(["new", "old", "oldest"]):
        store_arrays(tmp_path / f"{name}.npz", features=np.zeros(25_000, np.float32))
        os.utime(tmp_path / f"{name}.npz", (1_000 - age, 1_000 - age))
    limit_size(tmp_path, 0.00025)  # two of them
    assert {path.stem for path in tmp_path.iterdir()} == {"new", "old"}
    assert load_arrays(tmp_path / "old.npz") is not None  # and so it is no longer the oldest
    limit_size(tmp_path, 0.00015)
    assert [path.stem for path in tmp_path.iterdir()] == ["old"]
    limit_size(tmp_path / "nowhere", 1)


def test_a_seed_with_the_same_weights_says_nothing_more(
    small: Callable[..., Config], drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Said()
    several = trainer(small("seeds=2", "training.epochs=1"), drawn, said)
    several.fit(0, [])
    several.fit(0, [])
    assert said.how == ["computed"]
    several.fit(1, [])
    assert said.how == ["computed", "computed"]


def test_other_images_weights_and_layers_have_features_of_their_own(
    small: Callable[..., Config], drawn: Dataset
) -> None:
    config = small("training.epochs=1")
    fit(config, drawn)
    images = drawn.train.images.copy()
    images[0, 0, 0, 0] ^= 1
    other = replace(drawn, train=TrainSplit(images, drawn.train.labels))
    assert fit(config, other)[1] == ["computed"]
    assert fit(replace(config, model=Component(network, {"width": 7})), drawn)[1] == ["computed"]
    assert fit(replace(config, seed=1), drawn)[1] == ["computed"]
    assert fit(replace(config, model=Component(network, {"dropout": 0.1})), drawn)[1] == [
        "found in the cache"  # the head does not matter
    ]


@pytest.fixture(scope="module")
def computed(
    small: Callable[..., Config], drawn: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Any]]:
    """A cache that a training of one epoch has filled, and the weights of its network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache := tmp_path_factory.mktemp("cache")))
        training, _ = fit(small("training.epochs=1"), drawn)
    return cache / "runner/features", weights(training)


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "other shape"])
def test_damaged_features_are_computed_again(
    damage: str,
    small: Callable[..., Config],
    drawn: Dataset,
    kept: Path,
    computed: tuple[Path, list[Any]],
) -> None:
    config, (whole, first) = small("training.epochs=1"), computed
    shutil.copytree(whole, kept)
    for path in kept.iterdir():
        content = bytearray(path.read_bytes())
        if damage == "other shape":
            np.savez(path, features=np.zeros((2, 6), np.float32))
            continue
        content[len(content) // 2] ^= 1
        path.write_bytes({"cut": content[:-40], "flipped": content}.get(damage, bytearray()))
    second, said = fit(config, drawn)
    assert said == ["computed"]
    assert_same(first, weights(second))
    assert fit(config, drawn)[1] == ["found in the cache"]


def test_a_home_that_cannot_be_written_costs_only_time(
    small: Callable[..., Config], drawn: Dataset, kept: Path
) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_text("no folder")
    config = small("training.epochs=1")
    assert [fit(config, drawn)[1] for _ in range(2)] == [["computed"], ["computed"]]
