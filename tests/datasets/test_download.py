"""Downloads from a server on this machine: whole, interrupted, damaged, at the same time."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from runner import datasets
from runner.base.errors import DataError
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import CONF
from runner.datasets import file_search
from runner.datasets.download import ATTEMPTS

from .server import Site, serving
from .toy import LAYOUT, Array, idx

Configure = Callable[..., DatasetConfig]
Toy = dict[str, Array]


@pytest.fixture
def site(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    files = {f"/files/{Path(f).name}": idx(a) for f, a in zip(LAYOUT, toy.values(), strict=True)}
    with serving(Site(files)) as served:
        yield served


@pytest.fixture
def config(site: Site, toy_config: Configure) -> DatasetConfig:
    return toy_config(layouts=[LAYOUT], download=site.address)


def kept() -> list[str]:
    return sorted(p.name for p in file_search.downloads().rglob("*") if p.is_file())


WHOLE = sorted([*(Path(file).name for file in LAYOUT), "x-train.gz.lock"])


def test_missing_files_are_downloaded_once(config: DatasetConfig, site: Site, toy: Toy) -> None:
    data = datasets.load(config)
    np.testing.assert_array_equal(data.train.images[..., 0], toy["x_train"])
    assert kept() == WHOLE
    datasets.load(config)
    assert len(site.requests) == 4


def test_an_interruption_is_resumed_where_it_happened(config: DatasetConfig, site: Site) -> None:
    site.break_off = 1
    datasets.load(config)
    half = len(site.files["/files/x-train.gz"]) // 2
    assert site.requests[:2] == [
        ("/files/x-train.gz", None),
        ("/files/x-train.gz", f"bytes={half}-"),
    ]
    assert kept() == WHOLE


def test_a_server_that_cannot_resume_starts_anew(config: DatasetConfig, site: Site) -> None:
    site.break_off, site.ranges = 1, False
    datasets.load(config)
    assert kept() == WHOLE


def test_what_many_interruptions_left_is_resumed_by_the_next_run(
    config: DatasetConfig, site: Site
) -> None:
    site.break_off = ATTEMPTS
    with pytest.raises(DataError, match=f"interrupted {ATTEMPTS} times"):
        datasets.load(config)
    assert kept() == ["x-train.gz.lock", "x-train.gz.part"]
    datasets.load(config)
    assert site.requests[ATTEMPTS][1] is not None
    assert kept() == WHOLE


@pytest.mark.parametrize("surplus", [b"", b"of something longer"])
def test_a_complete_or_too_long_part_is_recognized(
    surplus: bytes, config: DatasetConfig, site: Site
) -> None:
    part = file_search.downloads() / f"{LAYOUT[0]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(site.files["/files/x-train.gz"] + surplus)
    datasets.load(config)
    assert kept() == WHOLE


def test_wrong_content_never_gets_its_name(config: DatasetConfig, site: Site, toy: Toy) -> None:
    right = site.files["/files/x-test.gz"]
    site.files["/files/x-test.gz"] = idx(255 - toy["x_test"])
    with pytest.raises(DataError, match="SHA-256 of x_test"):
        datasets.load(config)
    assert kept() == ["x-train.gz.lock"]
    site.files["/files/x-test.gz"] = right
    assert len(datasets.load(config).test) == 10


def test_a_log_in_page_in_place_of_a_file_is_refused(config: DatasetConfig, site: Site) -> None:
    site.files["/files/y-test.gz"] = b"<html>Log in to this network</html>"
    with pytest.raises(DataError, match=r"y-test.*cannot be decoded"):
        datasets.load(config)
    assert kept() == ["x-train.gz.lock"]


def test_an_address_without_the_file_is_said_with_all_ways_to_get_it(
    config: DatasetConfig, site: Site
) -> None:
    del site.files["/files/y-train.gz"]
    with pytest.raises(DataError) as raised:
        datasets.load(config)
    message = str(raised.value)
    assert "\n" not in message
    for part in (
        f"{site.address}y-train.gz cannot be downloaded",
        "404",
        *LAYOUT,
        "python -m runner.datasets fetch toy",
        str(file_search.downloads()),
        "data_dir",
    ):
        assert part in message


def test_no_connection_is_said(toy_config: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    config = toy_config(layouts=[LAYOUT], download="http://127.0.0.1:1/")
    with pytest.raises(DataError, match=r"127\.0\.0\.1:1/x-train\.gz cannot be reached"):
        datasets.load(config)


def test_a_cache_that_cannot_be_written_is_said(
    config: DatasetConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="cannot be written"):
        datasets.load(config)


SCRIPT = """
import sys
from runner.datasets.array_files import array_files
from runner.datasets.download import download_files as download
download(array_files(layouts=[sys.argv[2:]], download=sys.argv[1]))
"""


def test_processes_that_start_at_once_download_once(site: Site) -> None:
    environment = os.environ | {"PYTHONPATH": str(CONF.parent)}
    command = [sys.executable, "-c", SCRIPT, site.address, *LAYOUT]
    runs = [subprocess.Popen(command, env=environment) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert len(site.requests) == 4
    assert kept() == WHOLE
