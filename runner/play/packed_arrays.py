"""Arrays as the page takes them: bytes in base64, with the numbers that the darkest ones mean."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images

Packed = dict[str, Any]

_LEVELS = 255


def pack_image(image: Images) -> Packed:
    """Pack pixels 0..255, [..., height, width, channels]."""
    return {"shape": list(image.shape), "data": _text(image.astype(np.uint8))}


def pack_values(
    values: NDArray[np.float32], low: float | None = None, high: float | None = None
) -> Packed:
    """Pack numbers in 256 levels, from the lowest to the highest of them unless these are given."""
    low = float(values.min(initial=np.inf)) if low is None else low
    high = float(values.max(initial=-np.inf)) if high is None else high
    span = high - low if np.isfinite(high - low) and high > low else 1.0
    levels = np.clip(np.nan_to_num((values - low) / span), 0, 1) * _LEVELS
    pixels = np.rint(levels).astype(np.uint8)
    return {"shape": list(values.shape), "low": low, "high": high, "data": _text(pixels)}


def pack_symmetric(values: NDArray[np.float32]) -> Packed:
    """Pack numbers so that 0 is in the middle."""
    reach = float(np.abs(values).max(initial=0)) or 1.0
    return pack_values(values, -reach, reach)


def _text(array: NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
