"""Libraries that are slow to import, each imported at its first use.

Every other module imports them from here, so that `--help` and errors of the command line appear
before any of them is loaded.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any


class LazyModule(ModuleType):
    """A placeholder for a module, which is imported when one of its attributes is read."""

    def __getattr__(self, name: str) -> Any:
        """Import the module, and return its attribute or else its submodule of that name."""
        module = import_module(self.__name__)
        try:
            return getattr(module, name)
        except AttributeError:
            if name.startswith("__"):
                raise
            return import_module(f"{self.__name__}.{name}")


if TYPE_CHECKING:
    import h5py as h5py
    import jinja2 as jinja2
    import joblib as joblib
    import keras as keras
    import matplotlib.animation
    import matplotlib.artist
    import matplotlib.backend_bases
    import matplotlib.colors
    import matplotlib.figure
    import matplotlib.font_manager
    import matplotlib.patches
    import matplotlib.pyplot
    import matplotlib.style
    import matplotlib.textpath
    import matplotlib.ticker
    import mlflow as mlflow
    import optuna.visualization.matplotlib
    import PIL as PIL
    import scipy.io
    import scipy.ndimage
    import scipy.optimize
    import scipy.special
    import scipy.stats
    import sklearn as sklearn
    import sqlalchemy as sqlalchemy
    import starlette.applications
    import starlette.concurrency
    import starlette.requests
    import starlette.responses
    import starlette.routing
    import tensorflow as tf
    import uvicorn as uvicorn
else:
    h5py = LazyModule("h5py")
    jinja2 = LazyModule("jinja2")
    joblib = LazyModule("joblib")
    keras = LazyModule("keras")
    matplotlib = LazyModule("matplotlib")
    mlflow = LazyModule("mlflow")
    optuna = LazyModule("optuna")
    PIL = LazyModule("PIL")
    scipy = LazyModule("scipy")
    sklearn = LazyModule("sklearn")
    sqlalchemy = LazyModule("sqlalchemy")
    starlette = LazyModule("starlette")
    tf = LazyModule("tensorflow")
    uvicorn = LazyModule("uvicorn")

__all__ = [
    "PIL", "h5py", "jinja2", "joblib", "keras", "matplotlib", "mlflow", "optuna", "scipy",
    "sklearn", "sqlalchemy", "starlette", "tf", "uvicorn",
]  # fmt: skip
