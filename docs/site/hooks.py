"""What MkDocs calls while it builds the site; see `mkdocs.yml`."""

from pathlib import PurePosixPath
from typing import Any

from mkdocs.structure.files import File, Files

from docs.site.pages import ELSEWHERE, MADE, text_of, with_links


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made, or lie elsewhere in the repository."""
    for page in (*MADE, *ELSEWHERE):
        files.append(File.generated(config, page, content=text_of(page)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links to files outside docs/ lead to their pages."""
    path = page.file.src_uri
    made = path in MADE or path in ELSEWHERE
    return markdown if made else with_links(markdown, path, PurePosixPath("docs") / path)
