"""Error messages in the language of a run: whole, or else in English, never half of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from runner.base.language import ERROR
from runner.base.option_types import Language

_TYPE = re.compile(r"^(\w+Error: )")
_FIELD = re.compile(r"\{(\w+)\}")
_WORD, _ANY = r"[^\s;]+?", r"(?:(?!; ).)+?"
"""What fields stand for: those that begin with `key`, and others, which hold no second message."""

_END = (
    r"(?P<end>(?:; did you mean [^?]+\?)?(?: \((?:[^()]|\([^()]*\))*\))?"
    r"(?:; (?:see `[^`]+`|[^;]+ --help explains them all|a teacher is trained before))?)"
)
"""What many messages end in: names that may be meant, all names, and where more is said."""

_ENDS = {
    r"; did you mean ([^?]+)\?": lambda found: (
        f"; você quis dizer {found[1].replace(' or ', ' ou ')}?"
    ),
    r" and (\d+) more\)": lambda found: f" e mais {found[1]})",
    r"; see (`[^`]+`)": lambda found: f"; veja {found[1]}",
    r"; ([^;]+ --help) explains them all": lambda found: f"; {found[1]} explica todas",
    r"; a teacher is trained before": lambda _: "; um professor é treinado antes",
}


def error_line(message: str, language: Language) -> tuple[str, str]:
    """Return what an error is shown as: its first word, and its message, both in one language.

    Args:
        message: in English, on one line.
        language: of both, where there is a translation; otherwise both are English.
    """
    translated = in_portuguese(message) if language == "pt" else None
    return (ERROR["en"], message) if translated is None else (ERROR[language], translated)


def in_portuguese(message: str) -> str | None:
    """Return one or several error messages in Portuguese, or None where one is not known in it."""
    if (whole := _one_in_portuguese(message)) is not None:
        return whole
    several = [_one_in_portuguese(part) for part in message.split("; ")]
    known = [part for part in several if part is not None]
    return "; ".join(known) if len(known) == len(several) else None


def message_in(message: str, language: Language) -> str:
    """Return an error message that stands within a text, in its language if it is known in it.

    Args:
        message: of a failed job it may begin with the type of the error.
        language: of the text.
    """
    kind, plain = _TYPE.split(message, maxsplit=1)[1:] if _TYPE.match(message) else ("", message)
    translated = in_portuguese(plain) if language == "pt" else None
    return message if translated is None else f"{kind}{translated}"


def _one_in_portuguese(message: str) -> str | None:
    for pattern, portuguese in _patterns():
        if found := pattern.fullmatch(message):
            fields = {name: _joined(name, text) for name, text in found.groupdict().items()}
            end = fields.pop("end")
            for english, replaced in _ENDS.items():
                end = re.sub(english, replaced, end)
            return portuguese.format(**fields) + end
    return None


def _joined(field: str, text: str) -> str:
    return text.replace(" or ", " ou ") if field == "names" else text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    path = Path(__file__).with_name("errors_pt.yaml")
    texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    both = {**texts["messages"], **texts["of_libraries"]}
    return [(re.compile("".join(_parts(text)) + _END), both[text]) for text in both]


def _parts(template: str) -> Iterator[str]:
    """Yield the parts of the pattern of a template."""
    for number, part in enumerate(_FIELD.split(template)):
        content = _WORD if part.startswith("key") else _ANY
        yield f"(?P<{part}>{content})" if number % 2 else re.escape(part)
