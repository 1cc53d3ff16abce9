"""Decoded pictures are kept, as long as files and decoder are the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner import datasets
from runner.base.cache import cache_folder
from runner.base.errors import DataError
from runner.datasets import picture_folders

from .dishes import SIDE, Configure, fill, gray, save, values


def test_unchanged_files_are_decoded_once(
    data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data / "dishes")
    first = datasets.load(configure())
    calls: list[Path] = []
    real = picture_folders.decode

    def counted(path: Path, shape: list[int], *rest: Any) -> Any:
        calls.append(path)
        return real(path, shape, *rest)

    monkeypatch.setattr(picture_folders, "decode", counted)
    np.testing.assert_array_equal(datasets.load(configure()).train.images, first.train.images)
    assert not calls
    changed = save(gray(55), data / "dishes" / "cups" / "cup 03.png")
    both = datasets.load(configure())
    assert len(calls) == 16
    assert 55 in [*values(both.train.images), *values(both.test.images)]
    datasets.load(configure(shape=[SIDE, SIDE, 3]))
    assert len(calls) == 32
    changed.rename(changed.with_name("renamed.png"))
    datasets.load(configure())
    assert len(calls) == 48


@pytest.mark.parametrize("module", ["picture_folders.py", "picture_files.py"])
def test_files_are_decoded_again_by_another_decoder(
    module: str, data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data / "dishes")
    datasets.load(configure())
    real = Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda path, **how: real(path, **how) + "#" * (path.name == module)
    )

    def no_longer(path: Path, shape: list[int], *rest: Any) -> Any:
        raise ValueError("decoded again")

    monkeypatch.setattr(picture_folders, "decode", no_longer)
    with pytest.raises(DataError, match="decoded again"):
        datasets.load(configure())


def test_a_damaged_or_unwritable_cache_costs_only_time(
    data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data / "dishes")
    first = datasets.load(configure()).digests
    (place,) = (cache_folder() / "pictures").iterdir()
    place.write_bytes(place.read_bytes()[:500])
    assert datasets.load(configure()).digests == first
    monkeypatch.setenv("XDG_CACHE_HOME", str(data / "dishes" / "cups" / "cup 00.png"))
    assert datasets.load(configure()).digests == first
