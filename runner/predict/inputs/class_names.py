"""Classes as people name them."""

from __future__ import annotations

from collections.abc import Sequence


def label_of(word: str, languages: Sequence[Sequence[str]]) -> int | None:
    """Return the label that a word means, or None where it means none, or more than one.

    A name comes before one that differs in its capitals, and that before a number.

    Args:
        word: name of a class in any language, or its number.
        languages: for each, the names of all classes.
    """
    named = [(name, label) for names in languages for label, name in enumerate(names)]
    exact = {label for name, label in named if name == word}
    alike = {label for name, label in named if name.lower() == word.lower()}
    numbered = {label for _, label in named if word.isdecimal() and int(word) == label}
    meant = exact or alike or numbered
    return meant.pop() if len(meant) == 1 else None
