"""The runner with XLA's own convolution and pooling instead of `runner.training.conv_pool_fusion`.

It shows what the fused kernels gain, and that they do not move the error rate:
python -m experiments.run cnn1 --name cnn1-plain-kernels --program experiments.plain_kernels
"""

from benchmarks.kernels import kernels
from runner.__main__ import main

if __name__ == "__main__":
    with kernels("library"):
        main()
