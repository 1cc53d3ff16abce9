"""Ink on a background: which of a picture's pixels show something, and how strongly.

The background is the quadratic surface through the picture's border, so that paper which is
brighter at one side, as in most photographs, is still paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import scipy
from runner.base.option_types import Background

Gray = NDArray[np.float32]
Mask = NDArray[np.bool_]

_WEAKEST = 25.0
"""Gray values, of 255, that ink differs from its background at least."""
_BORDER = 0.04
_ROUNDS = 3
_SAMPLES = 60
"""Pixels of the shorter side that the background is judged by."""
_SPECK = 0.02
_CUT_OFF = 0.1


@dataclass(frozen=True)
class Ink:
    """What is drawn in a picture.

    Attributes:
        strength: 0 .. 1, [height, width]; 0 where there is no ink.
        box: its first row and column, and those after its last.
        background: what the picture's is.
    """

    strength: Gray
    box: tuple[int, int, int, int]
    background: Background

    @property
    def cropped(self) -> Gray:
        """The strength within the box."""
        top, left, bottom, right = self.box
        return self.strength[top:bottom, left:right]


def find_ink(gray: Gray, stated: Background | None = None) -> Ink | None:
    """Find what is drawn; None where the picture is blank.

    Args:
        gray: 0 .. 255, [height, width].
        stated: background, where somebody knows it; None finds out.
    """
    paper, noise = _paper(gray)
    differs = gray - paper
    mask = np.abs(differs) > max(_WEAKEST, 4 * noise, _threshold(np.abs(differs)))
    background = stated or ("dark" if differs[mask].sum() > 0 else "light")
    if background == "light":  # where less light falls, ink differs less from paper
        differs = -differs * np.median(paper) / np.maximum(paper, 1)
    mask = _without_specks(mask & (differs > 0))
    if not mask.any():
        return None
    full, least = float(np.percentile(differs[mask], 90)), min(2 * noise, _WEAKEST / 2)
    strength = np.clip((differs - least) / max(full - least, 1.0), 0, 1)
    strength = np.where(_near(mask), strength, 0).astype(np.float32)
    return Ink(strength, _box(mask), background)


def _paper(gray: Gray) -> tuple[Gray, float]:
    """Return the background's surface, and the standard deviation of what is on it alone."""
    step = max(1, min(gray.shape) // _SAMPLES)
    samples, frame = gray[::step, ::step], _frame(gray.shape)[::step, ::step]
    terms = _terms(gray.shape)[::step, ::step]
    chosen = frame & (np.abs(samples - np.median(samples[frame])) < 2 * _WEAKEST)
    weights, spread = np.eye(1, terms.shape[-1])[0] * np.median(samples[frame]), 0.0
    for _ in range(_ROUNDS):
        if chosen.sum() < terms.shape[-1]:
            break
        weights = np.linalg.lstsq(terms[chosen], samples[chosen], rcond=None)[0]
        rest = samples - terms @ weights
        spread = float(np.std(rest[chosen]))
        chosen = np.abs(rest) < max(3 * spread, _WEAKEST / 4)
    return (_terms(gray.shape) @ weights).astype(np.float32), spread


def _terms(shape: tuple[int, ...]) -> Gray:
    """Return the terms of a quadratic surface, [height, width, 6]."""
    down, across = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    terms = (1, down, across, down * across, down**2, across**2)
    return np.stack([np.broadcast_to(term, shape) for term in terms], -1).astype(np.float32)


def _threshold(differs: Gray) -> float:
    """Return the value that best separates two kinds of pixels (Otsu's), halved.

    Halved, since the edges of thin strokes and light pencil belong to the ink.
    """
    counts, edges = np.histogram(differs, 256, (0, 256))
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * edges[:-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
    between = np.where((below > 0) & (above > 0), below * above * gap**2, 0)
    return float(edges[np.argmax(between)]) / 2


def _without_specks(mask: Mask) -> Mask:
    """Drop dust, and what the picture's edge cuts off, such as the end of the table."""
    parts, count = scipy.ndimage.label(mask, np.ones((3, 3)))
    if count == 0:
        return mask
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    sizes[0] = 0
    cut = np.zeros(count + 1, bool)
    cut[np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))] = True
    whole = np.where(cut, 0, sizes)
    if whole.sum() > _CUT_OFF * sizes[cut].sum():
        sizes = whole
    return np.asarray((sizes > _SPECK * sizes.max())[parts])


def _near(mask: Mask) -> Mask:
    """Add the soft edge of what is drawn."""
    return np.asarray(scipy.ndimage.binary_dilation(mask, iterations=2))


def _frame(shape: tuple[int, ...]) -> Mask:
    width = max(1, round(_BORDER * min(shape)))
    frame = np.ones(shape, bool)
    frame[width:-width, width:-width] = False
    return frame


def _box(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
