"""Command lines as a person would write them for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

_SPECIAL = set('"$`\\!')
"""What a shell reads in double quotes, too."""


def shell_line(words: Iterable[str]) -> str:
    """Join words into a line that a POSIX shell takes apart again.

    A word with single quotes of its own, as a path with spaces has them for Hydra, stands in double
    quotes: `shlex` would write each of these quotes as five.
    """
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    return f'"{word}"' if "'" in word and not _SPECIAL & set(word) else shlex.quote(word)
