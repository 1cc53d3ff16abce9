"""What a training that is started from the page can be made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from runner.base.errors import RunnerError
from runner.base.option_types import Language
from runner.config.dataset_config import DatasetConfig
from runner.config.dataset_titles import title_in_language
from runner.config.help import translations, yaml_comment
from runner.config.search_path import group_files
from runner.datasets import catalog
from runner.datasets.file_search import find_files
from runner.play.own_data import OwnData

_LEFT_OUT = {"optimizer": {"keras"}, "model": {"inception-resnet-v2"}, "dataset": set[str]()}
"""They need more options than the page has, or a download of 215 MB."""


def training_choices(language: Language, own: OwnData | None = None) -> dict[str, Any]:
    """Return data sets that are on this machine, networks and optimizers, each with one line.

    Data of the user's own come first.
    """
    texts = translations(language).get("choices", {})

    def described(group: str, path: Path) -> dict[str, Any]:
        text = texts.get(group, {}).get(path.stem) or yaml_comment(path)
        return {"name": path.stem, "text": text}

    chosen = {
        group: [
            described(group, path)
            for path in group_files(group)
            if path.stem not in _LEFT_OUT[group]
        ]
        for group in ("dataset", "model", "optimizer")
    }
    sized = [
        choice | size for choice in chosen["dataset"] if (size := _size(choice["name"], language))
    ]
    rates = {path.stem: _rate(path) for path in group_files("optimizer")}
    optimizers = [choice | {"rate": rates[choice["name"]]} for choice in chosen["optimizer"]]
    return chosen | {"dataset": [*_own(own, language), *sized], "optimizer": optimizers}


def _own(own: OwnData | None, language: Language) -> Iterator[dict[str, Any]]:
    """Yield what data of the user's own can be read as, with the name of their file or folder."""
    if own is not None:
        for name, config in own.datasets.items():
            described = _described(config, language)
            text = f"{described['title']}: {own.path.name}"
            yield {"name": name, "own": True, "text": text} | described


@cache
def _size(name: str, language: Language) -> dict[str, Any] | None:
    """Return shape and number of training images of a data set; None if it is not here."""
    try:
        config = catalog.configured(name)
        if find_files(config.source(), config.data_dir) is None:
            return None
    except RunnerError:
        return None
    return _described(config, language)


def _described(config: DatasetConfig, language: Language) -> dict[str, Any]:
    title = title_in_language(config.title, language)
    return {"shape": list(config.shape), "images": config.train_images, "title": title}


def _rate(path: Path) -> float:
    loaded: Any = OmegaConf.load(path)
    return float(loaded.get("learning_rate", 0.001))
