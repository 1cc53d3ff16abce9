"""What the server refuses, and how it says so."""

import base64
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from calling import call
from PIL import Image

from play.asking import request
from play.conftest import THREE, Ask, png
from runner.base.errors import ConfigurationError
from runner.play import __main__ as command
from runner.play import play_server
from runner.play.play_server import LARGEST_REQUEST

PAGE = Path(play_server.__file__).with_name("page")
TEXTS = {name: json.loads((PAGE / f"{name}.json").read_text("utf-8")) for name in ("en", "pt")}


def test_the_page_and_all_it_needs_are_served(app: Any) -> None:
    page = request(app, "/?lang=pt", method="GET")
    assert page.status == 200
    assert "script" in page.body.decode()
    scripts = [path.read_text("utf-8") for path in PAGE.glob("*.js")]
    imported = {name for text in scripts for name in re.findall(r'from "\./([\w.]+)"', text)}
    linked = set(re.findall(r'(?:src|href)="([\w.]+)"', page.body.decode()))
    for name in imported | linked | {"en.json", "pt.json"}:
        assert request(app, f"/{name}", method="GET").status == 200, name


def test_the_page_needs_no_other_server(app: Any) -> None:
    for path in PAGE.iterdir():
        addresses = re.findall(r"https?://[\w./]+", path.read_text("utf-8"))
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path
    policy = request(app, "/", method="GET").headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")


def test_both_languages_have_all_texts() -> None:
    assert list(TEXTS["en"]) == list(TEXTS["pt"])
    same = [key for key, text in TEXTS["en"].items() if TEXTS["pt"][key] == text]
    assert len(same) < len(TEXTS["en"]) / 20, same
    for key, text in TEXTS["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", TEXTS["pt"][key])), key


def test_colors_with_a_sign_grow_brighter_so_that_gray_shows_it() -> None:
    script = (PAGE / "painting.js").read_text("utf-8")
    for name in ("SIGNED", "VIRIDIS"):
        stops = json.loads(re.findall(rf"const {name} = (\[\[.*\]\]);", script)[0])
        shades = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in stops]
        assert shades == sorted(shades)
        assert max(shades) - min(shades) > 150


def test_every_refusal_of_the_program_has_a_text() -> None:
    sources = [path.read_text("utf-8") for path in PAGE.parent.glob("*.py")]
    codes = {code for text in sources for code in re.findall(r'PlayError\("([\w-]+)"', text)}
    codes |= {code for text in sources for code in re.findall(r'_refusal\("([\w-]+)"', text)}
    assert {"failed", "bad-request", "no-run"} <= codes
    assert {f"error.{code}" for code in codes} <= set(TEXTS["pt"])


def test_each_text_that_the_page_names_is_there() -> None:
    used: set[str] = set(
        re.findall(r'data-(?:text|title)="([\w.-]+)"', (PAGE / "index.html").read_text("utf-8"))
    )
    for path in PAGE.glob("*.js"):
        used |= set(re.findall(r'\bt\("([\w.-]+)"', path.read_text("utf-8")))
    assert len(used) > 50
    assert used <= set(TEXTS["en"])


@pytest.mark.parametrize(
    "path",
    [
        *("/../play_server.py", "/..%2f..%2fpyproject.toml", "/page/index.html", "//etc/passwd"),
        *("/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "/outputs", "/api/look/../../x"),
    ],
)
def test_no_other_file_is_served(app: Any, path: str) -> None:
    assert request(app, path, method="GET").status == 404


@pytest.mark.parametrize("name", ["look", "describe", "regions", "history", "filters"])
def test_a_run_is_named_by_its_key_alone(refused: Ask, played: Path, name: str) -> None:
    folder = next((played / "outputs").glob("????-??-??/*mnist*"))
    for run in (str(folder), folder.name, "latest", "../x", f"{folder}/model.keras", ""):
        answer = refused(name, run=run)
        assert (answer.status, answer.content["code"]) == (404, "no-run")
        assert str(played) not in answer.content["error"].replace(run[:40], "")


def test_a_layer_is_no_path(refused: Ask, digits_run: str) -> None:
    assert refused("filters", run=digits_run, layer="../../model").content["code"] == "no-filters"
    assert refused("exciting", run=digits_run, layer="dense_1", unit=9999).status == 400
    asked = {"run": digits_run, "picture": png(THREE), "silenced": {"dense_1": [9999]}}
    assert "has 32 units" in refused("look", **asked).content["error"]


def test_other_websites_are_refused(app: Any) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        for path, method in (("/api/runs", "POST"), ("/", "GET")):
            if "origin" in headers and method == "GET":
                headers |= {"origin": "null"}
            assert request(app, path, b"{}", method, **headers).status == 403
    own = {"origin": "http://127.0.0.1:8000"}
    assert request(app, "/api/trainings", b"{}", **own).status == 200
    assert request(app, "/api/runs", method="GET").status == 405


def test_a_huge_upload_is_given_up_as_soon_as_it_is_too_large(app: Any) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        while True:
            sent.append(1)
            yield bytes(1 << 20)

    answer = request(app, "/api/picture", endless())
    assert (answer.status, answer.content["code"]) == (413, "too-large")
    assert len(sent) == (LARGEST_REQUEST >> 20) + 1


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(50), b"GIF89a", b"<svg/>"]
)
def test_a_file_that_is_no_picture_is_one_clear_line(refused: Ask, content: bytes) -> None:
    answer = refused("picture", content)
    assert (answer.status, answer.content["code"]) == (400, "no-picture")
    assert "/tmp" not in answer.content["error"]
    assert "\n" not in answer.content["error"]


def test_a_picture_that_would_fill_the_memory_is_refused(ask: Ask, refused: Ask) -> None:
    file = BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG", compress_level=1)
    assert len(file.getvalue()) < LARGEST_REQUEST
    assert "more pixels than" in refused("picture", file.getvalue()).content["error"]


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"[]",
        b"{",
        b'{"run": 3}',
        b'{"run": "x", "other": 1}',
        b'{"run": "x", "distortion": {"scale": 0}}',
        b'{"run": "x", "distortion": {"turn": NaN}}',
        b'{"run": "x", "picture": "' + b"A" * 9_000_000 + b'"}',
    ],
)
def test_what_the_page_never_asks_is_refused_in_words(refused: Ask, asked: bytes) -> None:
    answer = refused("look", asked)
    assert (answer.status, answer.content["code"]) == (400, "bad-request")


def test_base64_that_is_none(refused: Ask, digits_run: str) -> None:
    text = base64.b64encode(b"text").decode()
    for picture in ("data:image/png;base64,###", f"data:image/png;base64,{text}"):
        answer = refused("look", run=digits_run, picture=picture)
        assert answer.content["code"] == "no-picture"


def test_a_table_is_not_drawn_for(refused: Ask, plane_run: str, digits_run: str) -> None:
    assert refused("look", run=plane_run, picture=png(THREE)).content["code"] == "no-images"
    assert refused("regions", run=digits_run).content["code"] == "no-plane"


def test_it_listens_on_this_machine_alone() -> None:
    with command._listening(None) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        taken = listening.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {taken} .* is taken"):
            command._listening(taken)


def test_a_run_that_is_not_there_is_one_line(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no-such-run" in call(command.main, "no-such-run").refusal
    assert "invalid choice: 'fr'" in call(command.main, "--language", "fr").refusal
