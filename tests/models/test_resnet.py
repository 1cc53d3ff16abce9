"""Residual networks: as they are drawn and published, and what their blocks leave to chance."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy
import tensorflow as tf
from built_networks import blank, built, noise, trained_parameters

from runner.config.run_config import Config
from runner.models.resnet import shake

Configure = Callable[..., Config]

RESIDUAL = {  # as published, in millions: He et al. 2015, Zagoruyko and Komodakis 2016
    "ResNet-20": ((20, 1), (32, 32, 3), 0.27),
    "WRN-16-4": ((14, 4), (32, 32, 3), 2.7),
    "WRN-16-8": ((14, 8), (32, 32, 3), 11.0),
}


@pytest.mark.parametrize("name", RESIDUAL)
def test_residual_networks_have_the_published_parameters(name: str, configure: Configure) -> None:
    (depth, width), shape, millions = RESIDUAL[name]
    config = configure("model=resnet", f"model.depth={depth}", f"model.width={width}")
    count = trained_parameters(built(config, blank(*shape)))
    assert round(count / 1e6, 2 if millions < 1 else 1) == millions
    if name == "WRN-16-4":
        assert count == 2_748_890  # of the authors' program


def test_a_residual_network_is_as_drawn(configure: Configure) -> None:
    model = built(configure("model=resnet", "model.depth=14"), blank(28, 28, 1))
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert not any(layer.use_bias for layer in convolutions)
    drawn = {layer.name: (*layer.output.shape[1:], layer.strides[0]) for layer in convolutions}
    assert len(drawn) == 1 + 12 + 2
    assert drawn["stage_1_block_1_convolution_1"] == (28, 28, 16, 1)
    assert drawn["stage_2_block_1_convolution_1"] == (14, 14, 32, 2)
    assert drawn["stage_3_block_1_shortcut"] == (7, 7, 64, 2)
    for block, into in (("stage_1_block_1", "activation"), ("stage_1_block_2", "sum")):
        shortcut = model.get_layer(f"{block}_sum").input[0]
        before = "stage_1_block_1_1_activation" if into == "activation" else "stage_1_block_1_sum"
        assert shortcut is model.get_layer(before).output
    last = np.asarray(convolutions[-1].kernel)
    assert last.std() == pytest.approx(np.sqrt(2 / (9 * 64)), rel=0.02)  # fan-out
    wide = built(configure("model=resnet", "model.depth=8", "model.width=2"), blank(28, 28, 1))
    assert wide.get_layer("stage_1_block_1_shortcut").kernel.shape == (1, 1, 16, 32)


def test_blocks_are_left_out_more_often_the_deeper_they_are(configure: Configure) -> None:
    options = ("model.depth=14", "model.stochastic_depth=0.6", "model.block_dropout=0.1")
    model = built(configure("model=resnet", *options), blank(28, 28, 1))
    whole = [layer for layer in model.layers if layer.name.endswith("_left_out")]
    np.testing.assert_allclose([layer.rate for layer in whole], np.arange(1, 7) / 10)
    kept = np.asarray(whole[-1](np.ones((200, 7, 7, 64), np.float32), training=True))
    assert (kept == kept[:, :1, :1, :1]).all()  # of an image all or nothing
    assert 0.3 < (kept[:, 0, 0, 0] > 0).mean() < 0.5
    assert sum(layer.name.endswith("_dropout") for layer in model.layers) == 6


def test_shaken_branches_are_mixed_by_one_share_ahead_and_another_one_back() -> None:
    inputs = [keras.layers.Input((4, 4, 3)) for _ in range(2)]
    mixer = keras.Model(inputs, shake(inputs[0], inputs[1], "mixed"))
    ones, zeros = tf.ones((3_000, 4, 4, 3)), tf.zeros((3_000, 4, 4, 3))
    with tf.GradientTape() as tape:
        tape.watch(ones)
        mixed = mixer([ones, zeros], training=True)
    ahead = np.asarray(mixed)
    assert (ahead == ahead[:, :1, :1, :1]).all()  # one share for each image
    ahead = ahead[:, 0, 0, 0]
    back = np.asarray(tape.gradient(mixed, ones))[:, 0, 0, 0]
    for share in (ahead, back):  # uniform over 0 .. 1
        assert scipy.stats.kstest(share, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(ahead, back)[0, 1]) < 0.08
    np.testing.assert_array_equal(np.asarray(mixer([ones, zeros])), 0.5)


def test_a_shaken_network_is_loaded_without_this_program(
    configure: Configure, tmp_path: Path
) -> None:
    options = ("model=resnet", "model.depth=8", "model.shake_shake=true")
    model = built(configure(*options), blank(28, 28, 1))
    plain = built(configure(*options[:2]), blank(28, 28, 1))
    convolutions = [
        sum(isinstance(layer, keras.layers.Conv2D) for layer in of.layers) for of in (model, plain)
    ]
    assert convolutions == [1 + 12 + 2, 1 + 6 + 2]
    model.save(tmp_path / "shaken.keras")
    np.savez(tmp_path / "images.npz", noise(28, 28, 1))
    code = (
        "import sys, keras, numpy as np;"
        "images = np.load('images.npz')['arr_0'];"
        "np.save('outputs.npy', keras.models.load_model('shaken.keras')(images));"
        "assert not any(name.startswith('runner') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    given = np.load(tmp_path / "outputs.npy")
    np.testing.assert_allclose(given, np.asarray(model(noise(28, 28, 1))), atol=1e-6)
