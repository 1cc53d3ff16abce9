"""Folders of pictures: where they lie, and their configuration."""

from pathlib import Path
from typing import Any

import pytest
from building import BASE

from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig

from .dishes import SIDE, Configure


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def configure() -> Configure:
    """Configure cups and plates in folders, of one directory or of several splits."""

    def build(**source: Any) -> DatasetConfig:
        shape = source.pop("shape", [SIDE, SIDE, 1])
        node = {
            "name": "dishes",
            "title": "Dishes",
            "shape": shape,
            "class_names": {"en": ["cups", "plates"], "pt": ["copos", "pratos"]},
            "train_images": None,
            "test_images": None,
        }
        for field in ("data_dir", "train_size", "validation_fraction", "train_images"):
            if field in source:
                node[field] = source.pop(field)
        whole = {"folder": "dishes", "test_fraction": 0.25, "split_seed": 0}
        function = "split_folders" if "train" in source else "whole_folder"
        split = {"validation": None} if "train" in source else whole
        options = split | {"classes": ["cups", "plates"], "skip_damaged": False} | source
        target = {"_target_": f"runner.datasets.folders.{function}", "shape": shape}
        return parse_dataset(BASE | node | {"source": target | options})

    return build
