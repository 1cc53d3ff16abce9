"""Texts and numbers that the terminal shows, in a language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from runner.base.option_types import Language

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_SIGNS = {"en": {}, "pt": str.maketrans({",": NARROW_SPACE, ".": ","})}
"""What stands for the comma and the point that Python writes."""

ERROR: dict[Language, str] = {"en": "error", "pt": "erro"}
"""What an error begins with, where it is shown."""

_LANGUAGE = "_language"
_MILLIONS = 1e7
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Phrases:
    """What puts whole texts of the terminal into a language.

    Attributes:
        portuguese: by the English text with {} for each number; what is missing stays English.
    """

    portuguese: Mapping[str, str]

    def words(self, text: str, language: Language) -> str:
        """Return a text in a language, its numbers as they are.

        Args:
            text: a cell or a line, with leading spaces where it is indented.
            language: of the result.
        """
        if language == "en":
            return text
        words = text.lstrip()
        numbers = _NUMBER.findall(words)
        whole = self.portuguese.get(words) or self.portuguese.get(_NUMBER.sub("{}", words))
        if whole is not None:
            found = whole.format(*numbers) if "{}" in whole else whole
        else:  # a name after a colon is a class, and has been translated
            first, colon, name = words.partition(": ")
            found = self.portuguese.get(first, first) + colon + name
        return text[: len(text) - len(words)] + found

    def value(self, text: str, language: Language) -> str:
        """Return a text in a language, its numbers too; for what holds no name.

        Args:
            text: with numbers as Python writes them: `1,234.5`.
            language: of the result.
        """
        return numbers_in_language(self.words(text, language), language)

    def rows(self, rows: list[list[str]], language: Language) -> list[list[str]]:
        """Return the rows of a table in a language; the first cell of each is a name, and stays."""
        return [[name, *(self.value(cell, language) for cell in row)] for name, *row in rows]


def numbers_in_language(text: str, language: Language) -> str:
    """Return a text with its numbers as a language writes them, and its words as they are.

    Thousands are grouped by a space that terminals without Unicode have, too.
    """
    numbers = _NUMBER.sub(lambda found: written(found[0], language), text)
    return numbers.replace(NARROW_SPACE, "\N{NO-BREAK SPACE}")


def written(number: str, language: Language) -> str:
    """Put a number as Python writes it, `1,234.5`, into a language: `1,234.5` or `1 234,5`."""
    return number.translate(_SIGNS[language])


def number_format(value: float, digits: int = 4) -> str:
    """Return the format of a number with some digits; up to millions without an exponent."""
    return ",.0f" if 10**digits <= abs(value) < _MILLIONS else f".{digits}g"


@contextmanager
def errors_in(language: Language) -> Iterator[None]:
    """Note on an error the language of the run that it comes from, unless it has one.

    The command line names that language only where it is not the run's own.
    """
    try:
        yield
    except BaseException as error:
        vars(error).setdefault(_LANGUAGE, language)
        raise


def error_language(error: BaseException, otherwise: Language = "en") -> Language:
    """Return the language that `errors_in` has noted on an error.

    Args:
        error: to be shown.
        otherwise: language where none is noted.
    """
    language: Language = vars(error).get(_LANGUAGE, otherwise)
    return language
