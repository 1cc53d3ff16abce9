"""Error messages for wrong values of a configuration, one line each, with suggestions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError

from runner.base.suggestions import nearest
from runner.config.component import OptionsError

_CLOSING, _QUOTES = {"[": "]", "{": "}", "(": ")"}, ("'", '"')


def dotted_keys(plain: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted keys of nested dicts, outer ones included."""
    for key, value in plain.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from dotted_keys(value, f"{prefix}{key}.")


def explain_values(error: ValidationError | OptionsError, plain: dict[str, Any]) -> Iterator[str]:
    """Yield a message for each wrong value: its key, the value, and what was expected.

    Args:
        error: of pydantic, or of the options of a component.
        plain: the configuration that was checked, in plain containers.
    """
    for detail in error.errors():
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, OptionsError):
            inner: Any = plain
            for part in detail["loc"]:
                inner = inner[part]
            prefix = ".".join(map(str, detail["loc"]))
            yield from (f"{prefix}.{line}" for line in explain_values(cause, inner))
            continue
        yield _explain_value(detail, plain)


def explain_unclosed(override: str) -> str | None:
    """Say which bracket or quote of KEY=VALUE is not closed, or closes nothing; None if all are."""
    waiting: list[str] = []
    for sign in override:
        if waiting and sign == waiting[-1]:
            waiting.pop()
        elif waiting and waiting[-1] in _QUOTES:
            continue
        elif sign in _CLOSING or sign in _QUOTES:
            waiting.append(_CLOSING.get(sign, sign))
        elif sign in _CLOSING.values():
            return f"{override}: {sign} closes nothing; remove it, or open it before"
    if not waiting:
        return None
    return f"{override}: {waiting[-1]} is missing; values with spaces want quotes of the shell"


def explain_word(words: list[str], number: int, keys: Collection[str]) -> str:
    """Say of a word that is no KEY=VALUE what it may be a part of.

    Args:
        words: of the command line.
        number: of the word among them.
        keys: that there are.
    """
    word, after, last = [*words[number : number + 3], "", ""][:3]
    before = words[number - 1] if number else ""
    meant = ""
    if word in keys and after not in ("", "=") and _is_word(after):
        meant = f"{word}={after}"
    elif word in keys and after == "=":
        meant = f"{word}={last}"
    elif all(before.partition("=")):
        meant = f'"{before} {" ".join(itertools.takewhile(_is_word, words[number:]))}"'
    question = f"; did you mean {meant}?" if meant and _is_word(word) else ""
    return f"{word}: expected KEY=VALUE, or ~KEY to leave something out{question}"


def _is_word(text: str) -> bool:
    return "=" not in text


def explain_grammar(override: str) -> str:
    """Say how an override is written that is none in the grammar of Hydra."""
    key, _, value = override.partition("=")
    plain_value = value.replace("'", "").replace('"', "")
    quoted = f"'{plain_value}'"
    if re.fullmatch(r"\[[^\[\](){},'\"]*;[^\[\](){},'\"]*\]", value):
        listed = re.sub(r"\s*;\s*", ",", value)
        written = re.sub(r";\s+", ";", override)  # a space would end the message for a translator
        return f"{written}: commas stand between the values of a list: {key}={listed}"
    if re.fullmatch(r"\[[^\[\]]*\]", plain_value):
        quoted = f"[{','.join(repr(item.strip()) for item in plain_value[1:-1].split(','))}]"
    return (
        f"{override}: has characters that must stand in quotes of Hydra, with others around them "
        f'for the shell: "{key}={quoted}"'
    )


def explain_several(key: str, value: str, was: Any) -> str:
    """Say what several values of a key, or a decimal comma, could mean.

    Args:
        key: dotted.
        value: as it is written, with commas.
        was: value of that key where none is given.
    """
    if isinstance(was, list):
        listed = f"expected a list, which has brackets: {key}=[{value}]"
        return f"{key}={value}: {listed}; -m tries each of several"
    if isinstance(was, int):
        return f"{key}={value}: expected one whole number; -m tries each of several"
    if isinstance(was, float) and re.fullmatch(r"-?\d+,\d+", value):
        point = f"{key}={value.replace(',', '.')}"
        return f"{key}={value}: numbers have a point: {point}; -m tries several"
    one = f"expected one value, or a list [{value}] where it takes a list"
    return f"{key}={value}: {one}; -m tries each of several"


def _explain_value(detail: Any, plain: dict[str, Any]) -> str:
    value: Any = plain
    path = []
    for part in detail["loc"]:
        valid = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in valid:
            break  # no key: pydantic's name for one of several types, or an item that is missing
        path.append(str(part))
        value = value[part]
    name = ".".join(path)
    if detail["type"] == "missing":
        return f"{'.'.join(map(str, detail['loc']))}: a value is needed"
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        others = set(dotted_keys(plain)) - {name}
        return f"{name}: there is no such option{nearest(path[-1], others)}"
    if detail["type"] == "dataclass_type":
        return f"{name}={value}: expected options in braces: {{OPTION: VALUE, ...}}"
    if detail["type"] == "list_type" and isinstance(value, int | float):
        return f"{name}={value}: should be a valid list, such as [{value}]"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    message = message.replace("valid array", "valid list")
    return f"{name}={value}: {message}"
