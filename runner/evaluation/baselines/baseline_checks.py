"""What baselines cannot be asked for, found out before a network is trained for them."""

from __future__ import annotations

import psutil

from runner.base.errors import ConfigurationError
from runner.config.run_config import Config
from runner.training.augmentation.geometry import SHIFTS


def check_baselines(config: Config, images: int) -> None:
    """Raise ConfigurationError where baselines cannot be fitted on so many training images."""
    for name, baseline in config.baselines.items():
        options, key = baseline.options, f"baselines.{name}"
        size = min(options["train_size"] or images, images)
        if size < config.dataset.task().fewest:
            raise ConfigurationError(
                f"{key}.train_size={size}: fewer than the {config.dataset.task().size}"
            )
        if options["shifts"] and config.dataset.is_table:
            raise ConfigurationError(
                f"{key}.shifts=true moves images, but {config.dataset.name} is a table; "
                "choose false"
            )
        items = size * (len(SHIFTS) if options["shifts"] else 1)
        if options.get("n_neighbors", 1) > items:
            raise ConfigurationError(
                f"{key}.n_neighbors={options['n_neighbors']}: it is fitted on {items} only"
            )


def check_memory(layer: str, values: int, images: int) -> None:
    """Raise ConfigurationError where the features of so many images do not fit in memory.

    Args:
        layer: they are of.
        values: of one image.
        images: that they are computed for, shifts included.
    """

    gigabytes, free = 4e-9 * values * images, 1e-9 * psutil.virtual_memory().available
    if 2 * gigabytes > free:  # once as they are, once as a baseline takes them
        raise ConfigurationError(
            f"features.layer={layer}: {values:,} values of {images:,} images are {gigabytes:.1f} "
            f"GB, twice; {free:.1f} GB are free. Choose a later layer, or dataset.train_size"
        )
