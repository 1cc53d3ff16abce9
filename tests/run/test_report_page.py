"""The page of a run in a browser: it loads nothing, prints, and its picture is in the gallery."""

import os
import shutil
from contextlib import chdir
from pathlib import Path

import pytest
from calling import call

from runner import __main__ as program

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_page_is_shown_and_printed_without_loading_anything(tmp_path: Path) -> None:
    with chdir(tmp_path):
        said = call(
            program.main,
            *("model=lenet", "dataset.train_size=6000", "training.epochs=3", "tracking=folder"),
            *("dataset.validation_fraction=0.1", "tracking.run_name=lenet"),
        )
    assert said.code == 0, said.error
    (path,) = tmp_path.glob("outputs/*/*/report.html")
    loaded: list[str] = []
    faults: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.on("request", lambda request: loaded.append(request.url))
        page.on("console", lambda message: faults.append(message.text))
        page.goto(path.as_uri())
        widths = page.eval_on_selector_all("img", "all => all.map(one => one.naturalWidth)")
        assert len(widths) == 4
        assert min(widths) > 100, "a figure is not shown"
        assert page.evaluate("document.documentElement.scrollWidth") <= 1100
        assert page.pdf(format="A4").startswith(b"%PDF")
        if folder := os.environ.get("RUNNER_SCREENSHOTS"):
            page.screenshot(path=str(Path(folder) / "report-page.png"))
        browser.close()
    assert [url for url in loaded if not url.startswith("data:")] == [path.as_uri()]
    assert faults == []
