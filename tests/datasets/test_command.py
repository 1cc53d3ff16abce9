"""python -m runner.datasets."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runner.base.console import console
from runner.base.errors import ConfigurationError
from runner.config.run_config import CONF
from runner.datasets import catalog, file_search
from runner.datasets.__main__ import main

from .toy import save_npz

EMBEDDED, MADE = 6, 9  # data sets made of the embedded files, and without files


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", 200)


def test_list_shows_every_data_set_and_where_it_is_or_how_to_get_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["list"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert set(catalog.names()) < set(rows)
    assert "11339+1850" in rows["5-vs-6"]
    assert "mnist.npz" in rows["5-vs-6"]
    assert "python -m runner.datasets fetch kmnist" in rows["kmnist"]
    for name in ("shapes", "cats-dogs", "cats-dogs-20000"):
        assert "fetch" not in rows[name]
        assert rows[f"{name}:"].startswith(f"{name}: get ")


def test_verify_accepts_the_embedded_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    told = capsys.readouterr().out
    assert told.count("is right") == EMBEDDED + MADE
    assert "kmnist: not on this machine" in told
    assert "shapes-drawn: the program itself is right" in told


def overwrite(path: Path, content: bytes) -> None:
    """Give a file other content, where its size and time do not tell."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def test_verify_finds_damage_that_no_run_would_look_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(file_search.EMBEDDED / "fashion-mnist.npz") as embedded:
        arrays = dict(embedded)
    np.savez(tmp_path / "fashion-mnist.npz", allow_pickle=False, **arrays)
    for kind in ("circles", "squares", "triangles"):
        for number in range(5):
            path = tmp_path / "shapes" / kind / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng(number).integers(0, 256, (28, 28), np.uint8)
            Image.fromarray(noise).save(path)
    monkeypatch.setattr(file_search, "EMBEDDED", tmp_path)
    assert main(["verify"]) == 0
    assert (
        capsys.readouterr().out.count(f"{tmp_path}/") == 4
    )  # shapes and its view, fashion and its view
    arrays["x_test"][0, 14, 14] ^= 1
    np.savez(tmp_path / "other.npz", allow_pickle=False, **arrays)
    overwrite(tmp_path / "fashion-mnist.npz", (tmp_path / "other.npz").read_bytes())
    content = path.read_bytes()
    overwrite(path, content[:300] + bytes(200) + content[500:])
    assert main(["verify"]) == 1
    said = capsys.readouterr().err
    assert said.count("fashion-mnist.npz: the SHA-256 of x_test is ") == 2
    assert "1 of 15 files are no whole PNG or JPEG pictures: triangles/4.png (" in said
    assert "Traceback" not in said


def test_fetch_leaves_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "mnist", "5-vs-6"]) == 0
    assert capsys.readouterr().out.count("ready in") == 2
    assert not file_search.downloads().exists()


def test_fetch_all_goes_on_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")  # no way to the internet
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # else this way stays for all tests after
    assert main(["fetch", "all"]) == 1
    captured = capsys.readouterr()
    assert captured.out.count("ready in") == EMBEDDED + MADE
    for name in ("shapes", "cats-dogs", "cats-dogs-20000"):
        assert f"{name}: has no download; get " in captured.out
    banknote, cifar10, kmnist, kmnist_49, svhn = [
        line for line in captured.err.splitlines() if line.strip()
    ]
    assert svhn.startswith("error: svhn is not on this machine: http")
    assert cifar10.startswith("error: cifar10 is not on this machine: keras.datasets.cifar10 cann")
    for name, told in {"banknote": banknote, "kmnist": kmnist, "kmnist-49": kmnist_49}.items():
        assert told.startswith(f"error: {name} is not on this machine: http")


def test_an_unknown_name_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "kmnst"]) == 2
    said = "error: there is no data set 'kmnst'; did you mean kmnist or mnist?\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", r"wrong\.yaml: while parsing"),
        ("defaults: [nowhere]", r"wrong\.yaml: .*nowhere"),
        ("name: wrong\ncolor: red", r"wrong\.yaml: .*title: Field required.*color: Unexpected"),
        ("name: ${nowhere}", r"wrong\.yaml: .*nowhere"),
        ("", r"wrong\.yaml: "),
    ],
)
def test_a_wrong_yaml_is_named(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "wrong.yaml").write_text(text)
    monkeypatch.setattr(catalog, "CONF", tmp_path)
    with pytest.raises(ConfigurationError, match=message) as raised:
        catalog.configured("wrong")
    assert "\n" not in str(raised.value)


def test_a_new_data_set_is_one_yaml_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CONF / "dataset/base", tmp_path / "dataset/base")
    (tmp_path / "dataset" / "stripes.yaml").write_text(
        "{defaults: [base/dataset@_here_, _self_],"
        "name: stripes, title: Stripes, shape: [2, 2, 1], class_names: {en: [flat, steep]},"
        "train_images: 4, test_images: 2,"
        "source: {_target_: runner.datasets.array_files.array_files,"
        "layouts: [[stripes.npz]]}}"
    )
    images, labels = np.zeros((4, 2, 2), np.uint8), np.array([0, 1, 0, 1])
    arrays = {"x_train": images, "y_train": labels, "x_test": images[:2], "y_test": labels[:2]}
    save_npz(tmp_path / "stripes.npz", arrays)
    monkeypatch.setattr(catalog, "CONF", tmp_path)
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path))
    assert main(["fetch", "all"]) == 0
    assert "stripes: ready" in capsys.readouterr().out


def test_the_command_line_imports_nothing_heavy() -> None:
    script = """
import sys
from runner.datasets import catalog, load
heavy = {"tensorflow", "keras", "mlflow", "sklearn", "scipy", "matplotlib", "optuna", "h5py"}
assert catalog.configured("5-vs-6").task().size == "2 classes"
assert not heavy & set(sys.modules)
from runner.datasets.__main__ import main
main(["verify"])
assert not {"tensorflow", "keras"} & set(sys.modules)
"""
    environment = os.environ | {"PYTHONPATH": str(CONF.parent)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
