"""Files that crash HDF5, or that it comes to no end of: one line, where they are wanted."""

import resource
import time
from pathlib import Path

import h5py
import pytest

from runner.base import hdf5_probe
from runner.base.errors import DataError
from runner.base.hdf5_probe import check_hdf5
from runner.models.network_digest import network_digest
from runner.models.saved_networks import load_network


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "network.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("weights", data=[1.0, 2.0])
        file.attrs["model_config"] = "{}"
    return path


def replaced(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have processes that are started from now on find another h5py."""
    (folder / "h5py.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_file_that_crashes_hdf5_is_refused_by_all_who_read_networks(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(tmp_path, monkeypatch, "import os\nos.kill(os.getpid(), 11)\n")
    for read in (load_network, network_digest):
        with pytest.raises(DataError, match=r"network\.h5: is damaged, HDF5 crashes .*SIGSEGV"):
            read(stored)


def test_a_file_without_an_end_is_refused(
    stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(tmp_path, monkeypatch, "import time\ntime.sleep(60)\n")
    monkeypatch.setattr(hdf5_probe, "_SECONDS", 0.3)
    with pytest.raises(DataError, match="comes to no end"):
        check_hdf5(stored)


def test_what_can_be_read_or_caught_is_left_to_the_reader(stored: Path, tmp_path: Path) -> None:
    check_hdf5(stored)
    hdf5_probe._read_item("", h5py.File(stored)["weights"])
    check_hdf5(tmp_path / "missing.h5")
    stored.write_bytes(stored.read_bytes()[:700])
    check_hdf5(stored)
    with pytest.raises(DataError, match="damaged, or no network"):
        network_digest(stored)


def test_what_was_used_before_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    monkeypatch.setattr(time, "process_time", lambda: 40.2)
    with h5py.File(tmp_path / "some.h5", "w") as file:
        file["x"] = [1, 2]
    hdf5_probe._read_all(tmp_path / "some.h5")
    assert limits[resource.RLIMIT_CPU] == (46, 47)  # 41 before, 5 of reading
