"""Why images cannot be split by class, in words of their classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runner.base.array_types import Targets


def split_fault(strata: Targets | None, count: int, split_off: int, names: Sequence[str]) -> str:
    """Say what is lacking where scikit-learn refuses to split.

    Args:
        strata: labels whose proportions the split preserves, or None.
        count: of images or rows.
        split_off: of these.
        names: of the classes.
    """
    left = count - split_off
    if strata is None:
        return f"{split_off} and {left} are too few: each part needs at least 1; add some"
    counts = np.bincount(strata.astype(np.int64), minlength=len(names))
    rare = int(np.argmin(np.where(counts, counts, count)))
    if counts[rare] < 2:  # noqa: PLR2004 - one for each part
        return f"class {names[rare]} has {counts[rare]}, at least 2 are needed; add some"
    classes = np.count_nonzero(counts)
    change = "smaller" if left < classes else "larger"
    return (
        f"{split_off} and {left} are too few: each part needs at least {classes}, one of each "
        f"class; choose a {change} fraction, or add some"
    )
