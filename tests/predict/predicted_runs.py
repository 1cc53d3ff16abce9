"""What tests of `python -m runner.predict` share: small runs of digits, and what is answered."""

from collections.abc import Callable
from pathlib import Path

import keras
from calling import Said
from hydra import compose, initialize_config_dir
from keras import layers
from omegaconf import OmegaConf

from runner.config.run_config import CONF
from runner.models.layers import image_input

MNIST = ("--dataset", "mnist")
Predict = Callable[..., Said]
Refused = Callable[..., str]


def small(normalized: bool = True, seed: int = 1) -> keras.Model:
    keras.utils.set_random_seed(seed)
    pixels, x = image_input((28, 28, 1), "inverted" if normalized else "none")
    x = layers.Conv2D(8, 5, strides=2, activation="relu")(x)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(x))


def keep(network: keras.Model, folder: Path, *overrides: str) -> None:
    """Leave in a folder what a run leaves: its network and, except of a seed, its configuration."""
    folder.mkdir(parents=True)
    network.save(folder / "model.keras")
    if not folder.name.startswith("seed-"):
        configure(folder, *overrides)


def configure(folder: Path, *overrides: str) -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config", [*overrides])
    node = {"language": composed.language, "dataset": composed.dataset}
    resolved = OmegaConf.to_container(OmegaConf.create(node), resolve=True)
    (folder / "configuration").mkdir()
    OmegaConf.save(OmegaConf.create(resolved), folder / "configuration/config.yaml")


def classes(said: Said) -> list[str]:
    return [line.split()[1] for line in said.out.splitlines()[1:]]
