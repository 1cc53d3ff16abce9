"""Pages of the documentation: each is in the navigation, each link leads somewhere."""

import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from docs.site.api import MODULES
from docs.site.pages import ELSEWHERE, MADE, ROOT, linked_files, text_of, with_links

CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
TOP = (p for p in ROOT.glob("*.md"))
PAGES = sorted({*TOP, *ROOT.glob("docs/**/*.md"), *(ROOT / path for path in ELSEWHERE.values())})


def pages_in(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [page for part in parts for page in pages_in(part)]


def anchors(text: str) -> set[str]:
    """Return what a link can name in a file: headings as GitHub and MkDocs call them."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    titles = re.findall(r"^#+ (.*)", plain, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in linked_files(page.read_text(encoding="utf-8"), page):
        assert target.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page}: #{anchor}"


def test_every_page_is_in_the_navigation_once() -> None:
    docs = ROOT / "docs"
    own = [path.relative_to(docs).as_posix() for path in docs.rglob("*.md")]
    assert sorted(pages_in(CONFIG["nav"])) == sorted([*own, *MADE, *ELSEWHERE])


@pytest.mark.parametrize("page", ELSEWHERE)
def test_links_of_pages_that_lie_elsewhere_lead_to_pages(page: str) -> None:
    known = {*MADE, *ELSEWHERE}
    for target, _ in linked_files(text_of(page), ROOT / "docs" / page):
        name = target.resolve().relative_to(ROOT / "docs").as_posix()
        assert target.exists() or name in known, f"{page}: {target}"


def test_links_are_led_over() -> None:
    text = "[a](../../SECURITY.md) [b](../course.md#x) [c](https://example.org/LICENSE) [d](#y)"
    assert with_links(text, "pt/course.md", PurePosixPath("docs/pt/course.md")) == (
        "[a](../security.md) [b](../course.md#x) [c](https://example.org/LICENSE) [d](#y)"
    )


@pytest.mark.parametrize("module", [module for _, modules in MODULES for module in modules])
def test_the_interface_names_modules_of_the_program(module: str) -> None:
    path = ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
