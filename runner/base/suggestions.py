"""Suggestions for a misspelled name, as the end of an error message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_FEW, _MOST = 25, 50
_ALIKE = 0.5


def nearest(word: str, names: Iterable[str]) -> str:
    """Return "; did you mean ...?" with the most similar names, or an empty string.

    Args:
        word: the misspelled name.
        names: valid names; of a dotted one the last part alone is compared too.
    """
    names = list(names)
    last = _spelled(word.rpartition(".")[2])
    by_last = {_spelled(name.rpartition(".")[2]): name for name in reversed(names)}
    near = [by_last[name] for name in get_close_matches(last, by_last, n=1, cutoff=0.75)]
    alike = get_close_matches(word, names, n=2, cutoff=0.6)
    near += [name for name in alike if _ends_alike(word, name)]
    return f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""


def _ends_alike(word: str, name: str) -> bool:
    """Return whether the last parts of dotted names are similar; the others make most the same."""
    ends = [text.rpartition(".")[2] for text in (word, name)]
    alike = SequenceMatcher(None, ends[0], ends[1]).ratio() >= _ALIKE
    return alike or word.count(".") != name.count(".")


def _spelled(name: str) -> str:
    """Return a name as it is compared: in small letters, however its parts are joined."""
    return name.lower().replace("_", "-")


def nearest_or_all(word: str, names: Iterable[str]) -> str:
    """Return the same as `nearest`, and a list of names where they are few or none is similar."""
    names = list(names)
    question = nearest(word, names)
    if question and len(names) > _FEW:
        return question
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{question} ({', '.join(names[:_MOST])}{more})"
