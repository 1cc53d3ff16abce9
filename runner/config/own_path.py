"""The check of `dataset.path`, a user's own folder of pictures or file of a table."""

from __future__ import annotations

from runner.base.errors import ConfigurationError
from runner.config import own_folders, own_tables
from runner.config.dataset_config import DatasetConfig


def check_path(config: DatasetConfig) -> None:
    """Raise ConfigurationError or DataError where it is missing, or not what it should be."""
    lacks_folder = own_folders.UNKNOWN_CLASSES in (config.class_names or {}).values()
    lacks_table = config.source.options.get("file", "") is None
    if not config.path and (lacks_folder or lacks_table or config.path is not None):
        wanted = own_tables.WANTED if config.is_table else own_folders.WANTED
        raise ConfigurationError(f"dataset={config.name}: give {wanted}")
    if config.path and config.is_table:
        target = config.source.options.get("target")
        has_classes = config.class_names is not None
        file = own_tables.own_file(config.path, config.data_dir)
        own_tables.check_table(file, target, config.feature_names or [], has_classes)
    elif config.path:
        own_folders.check_folder(config.path)
