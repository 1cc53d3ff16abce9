"""The digest of a network: of its weights, the state of its optimizer, and that one's kind."""

import shutil
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from runner.base.errors import DataError
from runner.base.stored_files import write_digests
from runner.models import network_digest as module
from runner.models.network_digest import network_digest, predictor_digest, weights_digest


@pytest.fixture(autouse=True)
def probed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Leave out the reading in another process, which `tests/base/test_hdf5_probe.py` is about."""
    paths: list[Path] = []
    monkeypatch.setattr(module, "check_hdf5", paths.append)
    return paths


def saved(path: Path, weight: float = 0.5, optimizer: str | None = None) -> Path:
    """Save a network of one weight, with an optimizer that has made no step."""
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    network.set_weights([np.full((1, 1), weight, np.float32)])
    if optimizer:
        network.compile(optimizer, "mse")
        network.optimizer.build(network.trainable_variables)
    network.save(path)
    return path


def test_it_is_the_same_for_the_same_content_alone(tmp_path: Path) -> None:
    paths = [
        saved(tmp_path / "first.keras"),
        saved(tmp_path / "other-weight.keras", 0.25),
        saved(tmp_path / "sgd.keras", optimizer="sgd"),
        saved(tmp_path / "adam.keras", optimizer="adam"),
        saved(tmp_path / "adamw.keras", optimizer="adamw"),
    ]
    digests = [network_digest(path) for path in paths]
    assert len(set(digests)) == len(paths)
    assert network_digest(saved(tmp_path / "again.keras")) == digests[0]
    assert {len(digest) for digest in digests} == {64}
    of_weights = [weights_digest(path) for path in paths]
    assert of_weights[0] == of_weights[2] == of_weights[3] == of_weights[4] != of_weights[1]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_what_a_network_gives_depends_on_its_layers_too(suffix: str, tmp_path: Path) -> None:
    def of(name: str, activation: str, optimizer: str | None = None) -> tuple[str, str]:
        part = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation, name="d")])
        inputs = keras.Input((2,))
        network = keras.Model(inputs, keras.layers.Rescaling(0.5)(part(inputs)))
        network.set_weights([np.ones((2, 1)), np.zeros(1)])
        if optimizer:
            network.compile(optimizer, "mse")
        network.save(tmp_path / f"{name}{suffix}")
        path = tmp_path / f"{name}{suffix}"
        return predictor_digest(path), weights_digest(path)

    keras.utils.clear_session()
    first = of("first", "relu")
    assert of("other", "tanh")[0] != first[0]
    if suffix == ".keras":
        assert of("with-names-counted-on", "relu") == first
        assert of("other", "tanh")[1] == first[1]
    else:  # which are in the names of the weights, too
        keras.utils.clear_session()
    assert of("compiled", "relu", "sgd") == first


def test_another_file_of_that_name_has_another(tmp_path: Path) -> None:
    path = saved(tmp_path / "first.keras")
    before = network_digest(path)
    shutil.copy(saved(tmp_path / "second.keras", 0.25), path)
    assert network_digest(path) != before


def test_names_types_and_shapes_of_arrays_count(tmp_path: Path) -> None:
    def stored(name: str, key: str, values: np.ndarray) -> str:
        with h5py.File(tmp_path / name, "w") as file:
            file.create_dataset(key, data=values)
        return network_digest(tmp_path / name)

    zeros = np.zeros((2, 3), np.float32)
    digests = {
        stored("a.h5", "layers/dense", zeros),
        stored("b.h5", "layers/other", zeros),
        stored("c.h5", "layers/dense", zeros.reshape(3, 2)),
        stored("d.h5", "layers/dense", zeros.view(np.int32)),
        stored("e.h5", "layers/dense", zeros + 1),
    }
    assert len(digests) == 5
    assert stored("f.h5", "layers/dense", zeros) in digests


def test_what_is_no_network_is_named(tmp_path: Path) -> None:
    for name in ("text.keras", "text.h5"):
        (tmp_path / name).write_text("no network")
        for digest in (network_digest, weights_digest):
            with pytest.raises(DataError, match=rf"{name}: it is damaged, or no network that Kera"):
                digest(tmp_path / name)


def test_another_file_than_the_run_has_stored_is_refused(tmp_path: Path) -> None:
    saved(tmp_path / "model.keras")
    write_digests(tmp_path)
    saved(tmp_path / "model.keras", 0.25)
    for digest in (network_digest, weights_digest):
        with pytest.raises(DataError, match="is not the file that its run has stored"):
            digest(tmp_path / "model.keras")


def test_a_file_is_read_elsewhere_first_unless_its_run_has_noted_it(
    tmp_path: Path, probed: list[Path]
) -> None:
    path = saved(tmp_path / "model.keras")
    for digest in (network_digest, weights_digest):
        digest(path)
    assert probed == [path, path]
    write_digests(tmp_path)
    for digest in (network_digest, weights_digest):
        digest(path)
    assert probed == [path, path]
