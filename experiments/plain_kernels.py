"""The runner with XLA's own convolution and pooling instead of `runner.training.conv_pool_fusion`.

It shows what the fused kernels gain, and that they do not move the error rate:
python -m experiments.run cnn1 --name cnn1-plain-kernels --program experiments.plain_kernels
"""

from collections.abc import Iterator
from contextlib import contextmanager

from runner.__main__ import main
from runner.training import conv_pool_fusion


@contextmanager
def unchanged(model: object) -> Iterator[None]:
    """Replace nothing."""
    del model
    yield


if __name__ == "__main__":
    conv_pool_fusion.fused = unchanged
    main()
