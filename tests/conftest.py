"""What the tests of the whole path share: configurations, a little real data, the command line."""

import gc
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from sqlalchemy import Engine, event

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # what is asserted here is said of a CPU
if "PYTEST_XDIST_WORKER" in os.environ:  # workers whose threads wait for each other are slower
    for kind in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(kind, "1")

from runner import datasets
from runner.base.atomic_files import replacing
from runner.base.errors import DataError
from runner.base.lazy import tf
from runner.config import composition, search_path
from runner.config.run_config import Config
from runner.datasets import array_decoding
from runner.datasets.splits import Dataset, TestSplit
from runner.tracking import mlflow_store
from runner.tracking.mlflow_store import DATABASE

ROOT = Path(__file__).resolve().parents[1]
AT_HAND = {ROOT / "data", Path(os.environ.get("RUNNER_DATA", ROOT / "data"))}
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_collection_finish() -> None:
    """Every job looks for garbage: not in what all tests have imported by now."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def garbage_of_a_module() -> Iterator[None]:
    """What the tests of a module leave behind is looked through once, not by all that follow."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test writes what is kept between runs into the real home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("HYDRA_FULL_ERROR", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def create_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], None]]:
    """MLflow takes a second to create the tables of a store: once, others get a copy.

    Yields what creates them.
    """
    create, whole = mlflow_store._create_store, tmp_path_factory.mktemp("store")

    def copy(outputs: Path) -> None:
        if not (whole / DATABASE).exists():
            create(whole)
        with replacing(outputs / DATABASE) as part:
            shutil.copy(whole / DATABASE, part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlflow_store, "_create_store", copy)
        yield create


@pytest.fixture(scope="session", autouse=True)
def arrays_at_hand() -> Iterator[None]:
    """Data sets that are at hand are decompressed once by a process; each reader gets a copy."""
    decode = array_decoding._npz

    @cache
    def whole(path: Path, names: tuple[str, ...]) -> list[Any]:
        return decode(path, names)

    def copies(path: Path, names: Sequence[str] | None) -> list[Any]:
        if names is None or path.parent not in AT_HAND:
            return decode(path, names)
        return [array.copy() for array in whole(path, tuple(names))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array_decoding, "_npz", copies)
        yield


@pytest.fixture(scope="session", autouse=True)
def configurations_at_hand() -> Iterator[None]:
    """A file of `conf/`, and of Hydra's own, is parsed once by a process, until it changes.

    Each reader gets a copy.
    """

    def copying(kind: Any) -> Callable[[ConfigSource, str], ConfigResult]:
        load = kind.load_config

        @cache
        def pickled(folder: str, name: str, provider: str, state: tuple[int, int]) -> bytes:
            return pickle.dumps(load(kind(provider, f"{kind.scheme()}://{folder}"), name))

        def copy(source: ConfigSource, config_path: str) -> ConfigResult:
            file = Path(source.path, f"{config_path.removesuffix('.yaml')}.yaml")
            state = (file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else (0, 0)
            kept = pickled(source.path, config_path, source.provider, state)
            return pickle.loads(kept)  # type: ignore[no-any-return]

        return copy

    Plugins.instance()  # imports the kinds of sources anew
    with pytest.MonkeyPatch.context() as patch:
        for scheme in ("file", "pkg"):
            kind = SourcesRegistry.instance().resolve(scheme)
            patch.setattr(kind, "load_config", copying(kind))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_disks() -> Iterator[None]:
    """Tests kill processes, not machines: what is written need not be flushed to the disk."""

    def unflushed(connection: Any, record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Engine, "connect", unflushed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def own_code_of_a_test(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test imports from a folder of its own is not in the way of one with the same names."""
    path, known = [*sys.path], {*sys.modules}
    yield
    sys.path[:] = path
    temporary = str(tmp_path_factory.getbasetemp())
    for name in sys.modules.keys() - known:
        if str(vars(sys.modules[name]).get("__file__")).startswith(temporary):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def float32() -> Iterator[None]:
    """A test that chooses another precision does not choose it for the next one."""
    yield
    if keras := sys.modules.get("keras"):
        keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def eagerly() -> Iterator[None]:
    """Leave out graphs, which take most of the time of a short run; tests/training has them."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def own_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of tests count as a user's own, as if there were a `conf/` beside them."""
    monkeypatch.setattr(search_path, "own_folder", lambda: Path(__file__).parent)
    monkeypatch.setattr(search_path, "own_conf", lambda: None)


@pytest.fixture(scope="session")
def configure() -> Callable[..., Config]:
    """Compose and check a configuration from overrides, as the command line does."""
    return lambda *overrides: composition.compose_job(list(overrides))


@pytest.fixture(scope="session")
def digits(configure: Callable[..., Config]) -> Dataset:
    """500 training, 100 validation and 300 test images of MNIST."""
    config = configure("dataset.train_size=600", "dataset.validation_fraction=0.16667").dataset
    try:
        data = datasets.load(config)
    except DataError as error:
        pytest.skip(f"MNIST is needed: {error}")
    assert data.validation is not None
    assert (len(data.train), len(data.validation)) == (500, 100)
    test = TestSplit(data.test.images[:300], data.test.labels[:300], "the first 300")
    return replace(data, test=test)


@pytest.fixture(scope="session")
def command() -> Command:
    """Run `python -m runner` with arguments, in a folder, and return its exit code and output."""

    def run(*arguments: str, cwd: Path, **env: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "runner", *arguments],
            cwd=cwd,
            env=os.environ | env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def weights() -> Path:
    """MobileNet's weights, trained on ImageNet."""
    path = Path(os.environ.get("RUNNER_DATA", "")) / "weights/mobilenet_2_5_224_tf_no_top.h5"
    if not path.is_file():
        pytest.skip("RUNNER_DATA has no weights/mobilenet_2_5_224_tf_no_top.h5")
    return path
