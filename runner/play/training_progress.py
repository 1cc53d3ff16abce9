"""How far a training is, read from the checkpoint that it writes after every epoch."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.errors import DataError
from runner.base.stored_files import CHECKPOINT, read_json
from runner.play.packed_arrays import Packed, pack_symmetric
from runner.training.checkpoint_file import Checkpoint

_FILTERS, _MOST_FILTERS, _CHANNELS = "kernels.npz", 64, 3


def read_progress(folder: Path) -> dict[str, Any]:
    """Return the history of a training so far, and the first filters after its last epoch.

    Args:
        folder: of the run.

    Returns:
        `history`, values per epoch by quantity, and `filters`, packed, or None.
    """
    path = folder / CHECKPOINT
    if path.is_file():
        with suppress(DataError, FileNotFoundError):  # removed as soon as the training has ended
            found = Checkpoint.read(path)
            stored = [array for name, array in found.files.items() if name.endswith(_FILTERS)]
            content = BytesIO(stored[0].tobytes()) if stored else None
            return {"history": found.values, "filters": _last_filters(content)}
    if not (folder / "history.json").is_file():
        return {"history": {}, "filters": None}
    kernels = folder / _FILTERS
    content = BytesIO(kernels.read_bytes()) if kernels.is_file() else None
    return {"history": read_json(folder / "history.json"), "filters": _last_filters(content)}


def _last_filters(content: BytesIO | None) -> Packed | None:
    """Return the filters of the last epoch, packed, [filters, channels, height, width]."""
    if content is None:
        return None
    with np.load(content, allow_pickle=False) as arrays:
        last: NDArray[np.float32] = arrays["kernels"][-1]
    tiles = last.transpose(3, 2, 0, 1)[:_MOST_FILTERS, :_CHANNELS]
    return pack_symmetric(np.ascontiguousarray(tiles))
