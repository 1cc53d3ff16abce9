"""Residual networks with pre-activation, sized for small images (He et al. 2016)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator

from runner.base.lazy import keras
from runner.base.option_types import Count, Fraction, NonNegative, Normalization, OutputActivation
from runner.models.layers import Weights, image_input, output

FILTERS = (16, 32, 64)
"""Of the convolutions of each stage, times the width."""


def _of_blocks(depth: int) -> int:
    if depth < 8 or depth % 6 != 2:  # noqa: PLR2004
        raise ValueError("should be 6n + 2 for n blocks in each stage: 8, 14, 20, 26, 32, ...")
    return depth


Depth = Annotated[int, AfterValidator(_of_blocks)]


def resnet(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    depth: Depth,
    width: Count,
    block_dropout: Fraction,
    stochastic_depth: Fraction,
    shake_shake: bool,
    features_dropout: Fraction,
    l2: NonNegative,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build three stages of residual blocks, each block two 3x3 convolutions.

    Normalization and ReLU come before each convolution (He et al. 2016, arXiv:1603.05027); the
    first block of a stage hands both to its shortcut too, which is a 1x1 convolution where the
    shape changes. Depth 20 and width 1 have 0.27 million weights; a wide residual network
    WRN-d-k (Zagoruyko and Komodakis 2016, arXiv:1605.07146) has depth d - 2 and width k here.

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        depth: layers with weights, shortcuts not counted: 6n + 2 for n blocks in each stage.
        width: factor of the 16, 32 and 64 filters of the stages.
        block_dropout: rate of dropout between the two convolutions of a block.
        stochastic_depth: rate at which the last block's convolutions are left out for an image
            in training; it rises linearly from the first block (Huang et al. 2016).
        shake_shake: give each block two branches of convolutions, and mix them; see `shake`.
        features_dropout: rate of dropout before the output.
        l2: penalty on the squared weights of all convolutions and the output.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    pixels, x = image_input(input_shape, normalization)
    x = convolution(x, FILTERS[0], 3, name="convolution", l2=l2)
    blocks = (depth - 2) // 6
    for number in range(3 * blocks):
        stage, place = divmod(number, blocks)
        block = _Block(
            f"stage_{stage + 1}_block_{place + 1}",
            FILTERS[stage] * width,
            strides=2 if stage and not place else 1,
            dropout=block_dropout,
            left_out=stochastic_depth * (number + 1) / (3 * blocks),
            shaken=shake_shake,
            l2=l2,
        )
        x = block(x, first=not place)
    x = normalized_relu(x, "last")
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(x)
    if features_dropout:
        x = keras.layers.Dropout(features_dropout, name="dropout_features")(x)
    result = output(x, outputs, output_activation, Weights(l2=l2))
    return keras.Model(pixels, result, name="resnet")


def convolution(
    x: Any, filters: int, size: int, *, name: str, strides: int = 1, l2: float = 0.0
) -> Any:
    """Convolve without bias, with the initial weights of He et al. (2015), by fan-out."""
    layer = keras.layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal"),
        kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
        name=name,
    )
    return layer(x)


def normalized_relu(x: Any, name: str) -> Any:
    """Normalize over the batch, then take what is above 0."""
    x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_normalization")(x)
    return keras.layers.Activation("relu", name=f"{name}_activation")(x)


@dataclass(frozen=True)
class _Block:
    name: str
    filters: int
    strides: int
    dropout: float
    left_out: float
    shaken: bool
    l2: float

    def __call__(self, x: Any, *, first: bool) -> Any:
        activated = normalized_relu(x, f"{self.name}_1")
        shortcut = activated if first else x
        if self.strides > 1 or shortcut.shape[-1] != self.filters:
            shortcut = self._convolution(shortcut, 1, f"{self.name}_shortcut", self.strides)
        x = self._branch(activated, self.name)
        if self.shaken:
            x = shake(x, self._branch(activated, f"{self.name}_b"), f"{self.name}_shake")
        if self.left_out:
            whole = keras.layers.Dropout(
                self.left_out, noise_shape=(None, 1, 1, 1), name=f"{self.name}_left_out"
            )
            x = whole(x)
        return keras.layers.Add(name=f"{self.name}_sum")([shortcut, x])

    def _branch(self, activated: Any, name: str) -> Any:
        x = self._convolution(activated, 3, f"{name}_convolution_1", self.strides)
        x = normalized_relu(x, f"{name}_2")
        if self.dropout:
            x = keras.layers.Dropout(self.dropout, name=f"{name}_dropout")(x)
        return self._convolution(x, 3, f"{name}_convolution_2", 1)

    def _convolution(self, x: Any, size: int, name: str, strides: int) -> Any:
        return convolution(x, self.filters, size, name=name, strides=strides, l2=self.l2)


def shake(first: Any, second: Any, name: str) -> Any:
    """Mix two branches: for each image by random shares in training, else half and half.

    The share is uniform over 0 .. 1, and drawn once more for the gradient (Gastaldi 2017,
    arXiv:1705.07485). The mixture is a network of the library's own parts, so that what is saved
    can be loaded without this program.
    """
    one, other = (keras.layers.Input(of.shape[1:], dtype=of.dtype) for of in (first, second))
    ahead, back = (_mixed(one, other, f"{name}_{way}") for way in ("forward", "backward"))
    mixture = back + keras.ops.stop_gradient(ahead - back)
    return keras.Model([one, other], mixture, name=name)([first, second])


def _mixed(first: Any, second: Any, name: str) -> Any:
    """Mix by a share that is uniform: the normal distribution of a noise; half without noise."""
    nothing = keras.ops.zeros_like(first[:, :1, :1, :1])
    noise = keras.layers.GaussianNoise(1.0, name=name)(nothing)
    share = 0.5 * (1.0 + keras.ops.erf(noise / math.sqrt(2.0)))
    return second + share * (first - second)
