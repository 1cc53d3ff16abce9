"""Pages of the site that are made, or lie elsewhere in the repository, and their links."""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from docs.site.api import api_page
from docs.site.configuration import configuration_page
from runner.base.program_files import CONF

ROOT = CONF.parent
MADE: dict[str, Callable[[], str]] = {
    "configuration.md": configuration_page,
    "api.md": api_page,
}
"""Written when the site is built, so that they never fall behind the program."""

ELSEWHERE = {
    "experiments.md": "experiments/README.md",
    "benchmarks.md": "benchmarks/README.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
    "changelog.md": "CHANGELOG.md",
    "license.md": "LICENSE",
    "data.md": "data/README.md",
    "recipes.md": "README.md",
}
"""Pages of the site, and the files of the repository that they show."""

_SHOWN = {source: page for page, source in ELSEWHERE.items()}
_LINK = re.compile(r"(\]\()([^)#\s:]+)(#[^)\s]*)?(\))")


def text_of(page: str) -> str:
    """Return the Markdown of a page that is made or lies elsewhere; links lead where they did."""
    if page in MADE:
        return MADE[page]()
    source = ELSEWHERE[page]
    text = (ROOT / source).read_text(encoding="utf-8")
    if source == "LICENSE":
        text = f"# License\n\n```\n{text}```\n"
    return with_links(text, page, PurePosixPath(source))


def with_links(text: str, page: str, source: PurePosixPath) -> str:
    """Return a page with its links to files of the repository leading to pages of the site.

    A file that is no page, such as a module, is named but not linked.

    Args:
        text: Markdown.
        page: its path in the site.
        source: its path in the repository.
    """
    above = "../" * page.count("/")

    def link(match: re.Match[str]) -> str:
        start, target, anchor, end = match[1], match[2], match[3] or "", match[4]
        path = normalized(source.parent / target)
        if path in _SHOWN:
            return f"{start}{above}{_SHOWN[path]}{anchor}{end}"
        if path.startswith("docs/"):
            return f"{start}{above}{path.removeprefix('docs/')}{anchor}{end}"
        return match[0]

    return _LINK.sub(link, text)


def normalized(path: PurePosixPath) -> str:
    """Return a path without `..` in it."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def linked_files(text: str, source: Path) -> list[tuple[Path, str]]:
    """Return file and anchor of each relative link in a file of Markdown, code left out."""
    plain = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s:]+)\)", plain)
    links = [link.partition("#") for link in found]
    return [((source.parent / path if path else source), anchor) for path, _, anchor in links]
