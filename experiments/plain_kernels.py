"""The runner with XLA's own convolution and pooling instead of `runner.training.kernels`.

It shows what the fused kernels gain, and that they do not move the error rate:
python -m experiments.run cnn1 --name cnn1-plain-kernels --program experiments.plain_kernels
"""

from collections.abc import Iterator
from contextlib import contextmanager

from runner.__main__ import main
from runner.training import kernels


@contextmanager
def unchanged(model: object) -> Iterator[None]:
    """Replace nothing."""
    del model
    yield


if __name__ == "__main__":
    kernels.fused = unchanged
    main()
