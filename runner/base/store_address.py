"""The address of a store of runs, checked before anything connects to it."""

from __future__ import annotations

import re
from importlib.metadata import entry_points

_SCHEME = re.compile(r"([^:/\\]+)://")
_DATABASES = {"sqlite", "postgresql", "mysql", "mssql"}
_SCHEMES = {"file", "http", "https", "databricks", "databricks-uc", "uc"} | _DATABASES


def check_address(address: str | None) -> str | None:
    """Return an address as it is: None, a folder, or one that MLflow has a store for.

    Raises:
        ValueError: MLflow has none; it would look for one for half a minute. Or it is empty, which
            MLflow takes for a database that nobody else sets up at the same time.
    """
    if address == "":
        raise ValueError("is empty; write null for the store in outputs/")
    if address is None or not (scheme := _SCHEME.match(address)):
        return address
    kind, _, driver = scheme[1].partition("+")
    if kind in (_DATABASES if driver else _SCHEMES) or scheme[1] in _of_plugins():
        return address
    raise ValueError(
        f"should be a folder, or begin with http(s)://, or with {', '.join(sorted(_DATABASES))} "
        f"and ://, not with {scheme[1]}://"
    )


def is_url(address: str) -> bool:
    """Tell whether an address begins with a scheme, or is one; otherwise it is a folder's."""
    return _SCHEME.match(address) is not None or address in _SCHEMES


def _of_plugins() -> set[str]:
    return {plugin.name for plugin in entry_points(group="mlflow.tracking_store")}
