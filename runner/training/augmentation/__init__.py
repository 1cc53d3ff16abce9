"""Changes made to training images inside the compiled step, as tensor code on the device.

Each file of `conf/augmentation/` names a function of this package, which returns an Augmentation.
Calling one imports no heavy library, since a configuration is checked by what it declares. Images
are float32 [batch, height, width, channels], raw pixels 0 .. 255; what comes in from outside
an image is its background: black in MNIST, white in drawings on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from runner.base.lazy import tf
from runner.config.component import Component

Apply = Callable[[Any, Any, Any, Any], tuple[Any, Any]]
LARGE_PRIME = 15_485_863


@dataclass(frozen=True)
class Augmentation:
    """One change of a batch.

    Attributes:
        apply: from images, targets, version (int32 [batch], 0 .. copies - 1) and seed (int32
            [seeds, 2], another one at each step) to images and targets. Where several seeds are
            trained at once, their images come one seed's after another's; see `draws`.
        copies: how often each image is shown in an epoch, each time as another version.
        mixes_targets: whether targets become more than class numbers, so that a loss over all
            classes is needed.
        takes_tables: whether it also changes rows of a table, float32 [batch, features].
        python_control_flow: whether TensorFlow has to look for `if` and `for` over tensors.
    """

    apply: Apply
    copies: int = 1
    mixes_targets: bool = False
    takes_tables: bool = False
    python_control_flow: bool = False


def of_images(change: Callable[[Any, Any], Any]) -> Augmentation:
    """Return an augmentation that changes images, given a seed, and leaves targets alone."""
    return Augmentation(
        lambda images, targets, version, seed: (change(images, seed), targets)  # noqa: ARG005
    )


def chain_augmentations(components: Iterable[Component]) -> Augmentation:
    """Chain augmentations in their order; each draws from a seed of its own.

    Those of the program have no Python control flow over tensors, others may.
    """
    components = list(components)
    chain = [component() for component in components]
    copies = 1
    for one in chain:
        copies *= one.copies

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        for number, one in enumerate(chain):
            own_seed = seed + tf.constant([number * LARGE_PRIME, 0])
            images, targets = one.apply(images, targets, version % one.copies, own_seed)
            version = version // one.copies
        return images, targets

    return Augmentation(
        apply,
        copies,
        mixes_targets=any(one.mixes_targets for one in chain),
        takes_tables=all(one.takes_tables for one in chain),
        python_control_flow=any(
            not one.function.__module__.startswith("runner.") for one in components
        ),
    )
