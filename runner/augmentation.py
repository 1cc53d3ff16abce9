"""Changes made to training images inside the compiled step, as tensor code on the device.

Each function of this module is one file of `conf/augmentation/`. Images are float32
[batch, height, width, channels], raw pixels 0 .. 255 on a background of 0.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from runner.component import Component

LARGE_PRIME = 15_485_863
Apply = Callable[[Any, Any, Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Augmentation:
    """One change of a batch.

    Attributes:
        apply: from images, targets, version (int32 [batch], 0 .. copies - 1) and seed (int32 [2],
            another one at each step) to images and targets.
        copies: how often each image is shown in an epoch, each time as another version.
    """

    apply: Apply
    copies: int = 1


def combine(components: Iterable[Component]) -> Augmentation:
    """Chain augmentations in their order; each draws from a seed of its own."""
    import tensorflow as tf

    chain = [component() for component in components]
    copies = 1
    for one in chain:
        copies *= one.copies

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        for number, one in enumerate(chain):
            own_seed = tf.stack([seed[0] + number * LARGE_PRIME, seed[1]])
            images, targets = one.apply(images, targets, version % one.copies, own_seed)
            version = version // one.copies
        return images, targets

    return Augmentation(apply, copies)


def shift4() -> Augmentation:
    """Show each image five times an epoch: as it is and moved by one pixel N, S, E and W."""
    import tensorflow as tf

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        del seed
        height, width = images.shape[1:3]
        padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
        corners = [(1, 1), (2, 1), (0, 1), (1, 0), (1, 2)]  # cropping lower moves the image north
        crops = [padded[:, top : top + height, left : left + width] for top, left in corners]
        return tf.gather(tf.stack(crops, axis=1), version, batch_dims=1), targets

    return Augmentation(apply, copies=5)
