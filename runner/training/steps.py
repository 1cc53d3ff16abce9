"""The training loop on the device: many steps in one compiled call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import tf
from runner.training.augmentation import Augmentation

Items = NDArray[np.int32]
Call = tuple[Any, Any, Any]
Step = Callable[[tuple[Any, ...]], None]
Metrics = Callable[[], dict[str, Any]]
Logs = dict[str, float]


class Steps:
    """A loop over batches, compiled as a whole.

    Args:
        step: what is done with one batch, which holds the items of all seeds.
        metrics: gives what is known after a call, by name, each [seeds]; compiled with it.
        images: uint8 [n, height, width, channels].
        targets: [n, ...]; see `runner.base.losses.encode_targets`.
        augmentation: applied to each batch; its copies lengthen the epoch.
        batch_size: images of one seed in each batch but the last.
        steps_per_call: steps after which the host sees the metrics again.
        xla: whether XLA compiles the loop, for which every shape must be known.
        resident: whether images stay on the device, or are streamed to it call by call.
        steps_per_epoch: after which an epoch ends; None is one pass.
    """

    def __init__(
        self,
        step: Step,
        metrics: Metrics,
        images: Images,
        targets: NDArray[Any],
        *,
        augmentation: Augmentation,
        batch_size: int,
        steps_per_call: int,
        xla: bool,
        resident: bool,
        steps_per_epoch: int | None = None,
    ) -> None:
        self._step, self._metrics, self._xla = step, metrics, xla
        self._apply = augmentation.apply
        self._copies = augmentation.copies
        self._batch_size = batch_size
        self._steps_per_call = steps_per_call
        self._steps_per_epoch = steps_per_epoch
        self._images, self._targets = images, targets
        self._calls = self._streamed
        if resident:
            self._device_images, self._device_targets = tf.constant(images), tf.constant(targets)
            self._calls = self._resident
        # two functions, so that the shape of the full batches stays known when a smaller one comes
        options = {
            "jit_compile": xla,
            "reduce_retracing": not xla,
            "autograph": augmentation.python_control_flow,  # a second of each command
        }
        self._full = tf.function(self._loop, **options)
        self._last = tf.function(self._loop, **options)

    def use(self, images: Images) -> None:
        """Go on with other images, as many and of the same shape."""
        self._images = images
        if self._calls == self._resident:
            self._device_images = tf.constant(images)

    @property
    def versions(self) -> int:
        """Number of versions of all images."""
        return len(self._images) * self._copies

    @property
    def items(self) -> int:
        """Number of image versions in an epoch."""
        if self._steps_per_epoch is None:
            return self.versions
        return self._steps_per_epoch * self._batch_size

    @property
    def steps(self) -> int:
        """Number of steps in an epoch."""
        return -(-self.items // self._batch_size)

    def run(
        self, items: Items, seeds: Sequence[int], first_step: int
    ) -> Iterator[tuple[int, list[Logs]]]:
        """Take the steps of `items` in their order.

        Args:
            items: image number x copies + version, int32 [seeds, items].
            seeds: of the augmentation.
            first_step: number of the first step, counted over all epochs.

        Yields:
            the number of steps taken so far, and the metrics of each seed, after each call.
        """
        done = 0
        for images, targets, rows in self._calls(items):
            start = tf.constant([[seed, first_step + done] for seed in seeds], tf.int32)
            metrics = self._function(rows)(images, targets, tf.constant(rows), start)
            done += rows.shape[0]
            yield done, _by_seed(metrics)

    def compile(self, seeds: int) -> None:
        """Compile every shape of an epoch by taking its steps once; changes the weights.

        Without XLA one step of each batch size is enough, traced for any number of steps.

        Args:
            seeds: that are trained at once.
        """
        items = np.tile(np.arange(self.items, dtype=np.int32) % self.versions, (seeds, 1))
        shapes = {rows.shape: rows for rows in self._rows(items)}
        for rows in shapes.values():
            if not self._xla and not tf.config.functions_run_eagerly():
                self._function(rows).get_concrete_function(*self._specs(*rows.shape[1:]))
            taken = (rows if self._xla else rows[:1]).transpose(1, 0, 2).reshape(seeds, -1)
            for _ in self.run(taken, [0] * seeds, first_step=0):
                pass

    def _function(self, rows: Items) -> Any:
        return self._full if rows.shape[2] == self._batch_size else self._last

    def _specs(self, seeds: int | None, batch_size: int | None) -> list[Any]:
        """Return what a call takes: images, targets, items and start, of any number of steps."""
        return [
            tf.TensorSpec([None, *self._images.shape[1:]], self._images.dtype),
            tf.TensorSpec([None, *self._targets.shape[1:]], self._targets.dtype),
            tf.TensorSpec([None, seeds, batch_size], tf.int32),
            tf.TensorSpec([seeds, 2], tf.int32),
        ]

    def _loop(self, images: Any, targets: Any, items: Any, start: Any) -> dict[str, Any]:
        def take(number: Any) -> list[Any]:
            chosen = tf.reshape(items[number] // self._copies, [-1])
            version = tf.reshape(items[number] % self._copies, [-1])
            x, y = tf.cast(tf.gather(images, chosen), tf.float32), tf.gather(targets, chosen)
            self._step(self._apply(x, y, version, start + tf.stack([0, number])))
            return [number + 1]

        steps = tf.shape(items)[0]
        tf.while_loop(lambda number: number < steps, take, [0], maximum_iterations=steps)
        return self._metrics()

    def _resident(self, items: Items) -> Iterator[Call]:
        for rows in self._rows(items):
            yield self._device_images, self._device_targets, rows

    def _streamed(self, items: Items) -> Iterator[Call]:
        def chunks() -> Iterator[Call]:
            for rows in self._rows(items):
                chosen, version = rows.ravel() // self._copies, rows.ravel() % self._copies
                moved = np.arange(rows.size, dtype=np.int32) * self._copies + version
                yield self._images[chosen], self._targets[chosen], moved.reshape(rows.shape)

        *specs, _ = self._specs(None, None)
        yield from tf.data.Dataset.from_generator(chunks, output_signature=tuple(specs)).prefetch(2)

    def _rows(self, items: Items) -> Iterator[Items]:
        """Cut items into calls of [steps, seeds, batch_size]; a smaller last batch is its own."""
        seeds, length = items.shape
        full = length // self._batch_size * self._batch_size
        rows = items[:, :full].reshape(seeds, -1, self._batch_size).transpose(1, 0, 2)
        for start in range(0, len(rows), self._steps_per_call):
            yield rows[start : start + self._steps_per_call]
        if full < length:
            yield items[None, :, full:]


def _by_seed(metrics: dict[str, Any]) -> list[Logs]:
    """Return the metrics of each seed, given by name, each [seeds]."""
    values = [each.numpy().tolist() for each in metrics.values()]
    return [dict(zip(metrics, one, strict=True)) for one in zip(*values, strict=True)]
