"""The form that networks are logged in: MLflow's flavor `tensorflow`, written without TensorFlow.

`mlflow.tensorflow.save_model` takes a network of Keras, not its file: TensorFlow had to be imported
where runs are sent, and MLflow then looks at every installed package, for a second.
`mlflow.tensorflow.load_model` and `mlflow.pyfunc.load_model` read what is written here.
"""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import yaml  # type: ignore[import-untyped]

from runner.base.lazy import mlflow
from runner.models.network_copy import without_optimizer

_DATA, _CONDA, _PYTHON, _REQUIREMENTS = "data", "conda.yaml", "python_env.yaml", "requirements.txt"


def save_model(
    path: str, mlflow_model: Any, *, network: Path, inputs: list[int], outputs: list[int]
) -> None:
    """Write a network into a folder, as `mlflow.models.Model.log` wants it of a flavor.

    No input example is written: MLflow would load the network and call it, for a second.

    Args:
        path: of the folder, which does not exist yet.
        mlflow_model: MLflow's description, which is completed and written, too.
        network: a `.keras` file; its optimizer is left out.
        inputs: shape of one input.
        outputs: shape of its output.

    Raises:
        DataError: `network` is no such file.
    """
    folder, content = Path(path), without_optimizer(network)
    data = folder / _DATA
    data.mkdir(parents=True)
    (data / "model.keras").write_bytes(content)
    (data / "keras_module.txt").write_text("tensorflow.keras")
    (data / "save_format.txt").write_text("tf")
    mlflow_model.signature = mlflow.models.infer_signature(
        np.zeros((1, *inputs), np.float32), np.zeros((1, *outputs), np.float32)
    )
    kind = {"model_type": "keras", "keras_version": version("tensorflow"), "save_format": "tf"}
    mlflow_model.add_flavor("tensorflow", code=None, data=_DATA, **kind)
    mlflow.pyfunc.add_to_model(
        mlflow_model, "mlflow.tensorflow", data=_DATA, conda_env=_CONDA, python_env=_PYTHON
    )
    mlflow_model.model_size_bytes = sum(file.stat().st_size for file in data.iterdir())
    mlflow_model.save(str(folder / "MLmodel"))
    _write_requirements(folder)


def _write_requirements(folder: Path) -> None:
    """Write what is to be installed where the network is loaded, for pip, venv and conda."""
    needed = [_pinned(package, "==") for package in ("mlflow", "tensorflow", "keras")]
    python = platform.python_version()
    of_conda = [f"python={python}", _pinned("pip", "<="), {"pip": needed}]
    conda = {"channels": ["conda-forge"], "dependencies": of_conda, "name": "mlflow-env"}
    building = [_pinned(package, "==") for package in ("pip", "setuptools", "wheel")]
    of_venv = {"build_dependencies": building, "dependencies": [f"-r {_REQUIREMENTS}"]}
    (folder / _REQUIREMENTS).write_text("\n".join(needed))
    (folder / _CONDA).write_text(yaml.safe_dump(conda, sort_keys=False))
    (folder / _PYTHON).write_text(yaml.safe_dump({"python": python} | of_venv, sort_keys=False))


def _pinned(package: str, sign: str) -> str:
    """Return a requirement with the installed version, if it is installed."""
    try:
        return f"{package}{sign}{version(package)}"
    except PackageNotFoundError:
        return package
