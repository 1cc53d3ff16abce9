"""Peak memory of a training above that of an idle TensorFlow.

python -m benchmarks.memory [OVERRIDE ...]       for example experiment=cnn2 training.epochs=2
"""

import resource
import sys

import psutil


def main() -> None:
    """Train, and print the host memory it took at most."""
    overrides = sys.argv[1:] or ["experiment=cnn2", "training.epochs=2"]
    from runner import datasets
    from runner.base import device
    from runner.config import composition

    config = composition.compose_job([*overrides, "figures=[]"])
    place = device.prepare_device(config.device, config.precision, config.deterministic)
    import tensorflow as tf

    from runner.training.trainer import Trainer

    tf.constant(1.0) + 1.0  # opens the device
    idle = psutil.Process().memory_info().rss
    data = datasets.load(config.dataset)
    Trainer(config, data.train, data.validation, data.task, place).fit(config.seed, [])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
    print(f"{place.name}: idle {idle / 1e6:.0f} MB, peak {peak / 1e6:.0f} MB")
    print(f"training {config.tracking.run_name}: {(peak - idle) / 1e6:.0f} MB above idle")


if __name__ == "__main__":
    main()
