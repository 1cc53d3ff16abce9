"""Convolution and pooling as one matrix product give what the layers give."""

from collections.abc import Callable

import numpy as np
import pytest
from built_networks import blank, built, noise

from runner.config.run_config import Config
from runner.training import conv_pool_fusion

Configure = Callable[..., Config]
CONVOLUTIONS = (
    ("model=lenet", "model.pooling=average"),
    ("model=lenet", "model.pool_size=3", "model.pool_strides=2"),
    ("model=lenet", "model.padding=same", "model.strides=[2,1]"),
    ("model=lenet", "model.strides=2", "model.kernel_size=3"),
    ("model=vgg-3x3", "model.filters=[4,8]", "model.pooling=average"),
    ("model=vgg-3x3", "model.filters=[4,8]", "model.pooling=null", "model.padding=valid"),
    ("model=vgg-3x3", "model.filters=[4,8]", "model.padding=valid", "model.kernel_size=[3,1,3,1]"),
)


@pytest.mark.parametrize("overrides", CONVOLUTIONS, ids=" ".join)
def test_faster_forms_of_layers_give_the_same_or_are_not_taken(
    overrides: tuple[str, ...], configure: Configure
) -> None:
    model = built(configure(*overrides), blank(28, 28, 1))
    expected = np.asarray(model(noise(28, 28, 1)))
    with conv_pool_fusion.fused(model):
        found = np.asarray(model(noise(28, 28, 1)))
    np.testing.assert_allclose(found, expected, atol=1e-5)
