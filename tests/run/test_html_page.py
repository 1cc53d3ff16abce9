"""The page of a run: complete in itself, escaped, in two languages."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from runner.base.errors import DataError
from runner.run import html_page
from runner.run.html_page import HtmlPage, Picture, Section, pictures
from runner.run.run_page import write_run_page
from runner.tracking.run_store import SweepTags

EVIL = '<script>alert("1")</script> & "quoted"'
REPORT = {
    "seed": 3, "test_error": 0.25, "test_errors": 5, "test_images": 20, "train_seconds": 1.5,
    "epochs": 2, "compile_seconds": 0.5, "parameters": 1234,
    "classes": {EVIL: {"precision": 0.5, "recall": 0.25, "f1": 0.333}},
    "macro": {"precision": 0.5, "recall": 0.25, "f1": 0.333},
}  # fmt: skip
CONFIG = {
    "dataset": {"name": "digits", "title": f"Digits {EVIL}"},
    "language": "en",
    "tracking": {"run_name": "my-run", "uri": "postgresql://me:secret@host/db"},
}


class Tags(HTMLParser):
    """Collects tags and the addresses that they load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished run, as its files are written."""
    (tmp_path / "configuration").mkdir()
    (tmp_path / "figures").mkdir()
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    (tmp_path / "environment.json").write_text(json.dumps({"keras": "3.15.1"}))
    (tmp_path / "configuration/config.yaml").write_text(yaml.safe_dump(CONFIG))
    overrides = ["model=dense", "figures=[roc,predictions]", "+note=it's"]
    (tmp_path / "configuration/overrides.yaml").write_text(yaml.safe_dump(overrides))
    (tmp_path / "figures/roc.png").write_bytes(b"\x89PNG of some bytes")
    (tmp_path / "figures/predictions.txt").write_text(EVIL)
    (tmp_path / "figures/notes.md").write_text("not a figure")
    return tmp_path


def test_a_page_has_numbers_command_configuration_and_figures(folder: Path) -> None:
    text = write_run_page(folder).read_text()
    for part in ("<h1>my-run</h1>", "test error: 25.00 % (5 of 20 wrong)", "1,234", "3.15.1"):
        assert part in text
    command = "python -m runner model=dense 'figures=[roc,predictions]' \"+note=it's\""
    assert command.replace("'", "&#39;").replace('"', "&#34;") in text
    assert base64.b64encode(b"\x89PNG of some bytes").decode() in text
    assert "roc: For two classes" in text
    assert "not a figure" not in text


def test_everything_is_escaped_and_nothing_is_loaded(folder: Path) -> None:
    found = Tags(write_run_page(folder).read_text())
    assert "script" not in found.tags
    assert found.addresses
    assert all(address.startswith("data:image/") for address in found.addresses)


def test_the_address_of_the_store_stays_out(folder: Path) -> None:
    assert "secret" not in write_run_page(folder).read_text()


def test_a_page_in_portuguese(folder: Path) -> None:
    text = write_run_page(folder, language="pt").read_text()
    assert '<html lang="pt">' in text
    for part in ("erro de teste: 25,00 % (5 de 20 erradas)", "Como repetir", "parâmetros"):
        assert part in text


def test_a_job_names_its_sweep(folder: Path) -> None:
    sweep = SweepTags("rates", "job", choices={"optimizer.learning_rate": "0.1"})
    assert (
        "part of the sweep rates: optimizer.learning_rate=0.1"
        in write_run_page(folder, sweep).read_text()
    )


def test_several_seeds_show_the_figures_of_the_first(folder: Path) -> None:
    seeds = [REPORT | {"seed": seed, "test_error": seed / 20} for seed in (3, 4)]
    test_error = {"n": 2, "mean": 0.175, "sd": 0.0354, "min": 0.15, "max": 0.2}
    summary = {"test_error": test_error, "train_seconds": test_error}
    (folder / "report.json").write_text(json.dumps({"summary": summary, "seeds": seeds}))
    (folder / "seed-3/figures").mkdir(parents=True)
    (folder / "seed-3/figures/roc.png").write_bytes(b"of seed three")
    text = write_run_page(folder).read_text()
    assert "2 seeds" in text
    assert "test error: 17.500 ± 3.540 %" in text
    assert "Figures of seed 3" in text
    assert base64.b64encode(b"of seed three").decode() in text


def test_a_damaged_report_is_one_line_and_leaves_the_old_page(folder: Path) -> None:
    before = write_run_page(folder).read_text()
    (folder / "report.json").write_text('{"seed": 3, "classes": 7}')
    with pytest.raises(DataError, match=r"report\.json"):
        write_run_page(folder)
    assert (folder / "report.html").read_text() == before
    assert [path for path in folder.iterdir() if ".part" in path.name] == []


def test_figures_of_lines_are_shown_too(folder: Path) -> None:
    (folder / "seeds.svg").write_text("<svg>of seeds</svg>")
    (folder / "figures/roc.png").rename(folder / "figures/roc.svg")
    addresses = Tags(write_run_page(folder).read_text()).addresses
    lines = [each for each in addresses if each.startswith("data:image/svg+xml;base64,")]
    assert len(lines) == 2
    assert base64.b64decode(lines[0].partition(",")[2]) == b"<svg>of seeds</svg>"


def test_a_huge_figure_stays_beside_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_page, "MOST_BYTES", 10)
    assert [each.caption for each in pictures(sorted(folder.glob("figures/*")))] == []


def test_empty_sections_are_left_out() -> None:
    sections = [Section("empty"), Section("full", pictures=[Picture("it", text="says")])]
    text = HtmlPage("title", [], sections=sections).html()
    assert re.findall("<h2>(.*)</h2>", text) == ["full"]
