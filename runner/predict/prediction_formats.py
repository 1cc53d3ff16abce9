"""Answers as text: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from runner.predict.prediction import Answer, Answers

_WIDEST = 48


def as_table(answers: Answers, names: list[str], top: int) -> str:
    """Return one line for each answer, with its most probable classes."""
    truth, done = bool(answers.judged), any(answer.done for answer in answers.answers)
    header = ["input", "class", "probability"]
    header += ["then"] * (top > 1) + ["true"] * truth + ["seen as"] * done
    rows = [_row(answer, names, top, truth)[: len(header)] for answer in answers.answers]
    return _aligned([header, *rows])


def as_json(answers: Answers, names: list[str], networks: list[str]) -> str:
    """Return an object with all classes, answers with every probability, and failures."""
    predictions = [
        {
            "input": answer.name,
            "class": names[answer.label],
            "label": answer.label,
            "probabilities": [round(float(value), 6) for value in answer.probabilities],
            "seen_as": answer.done,
        }
        | ({} if answer.truth is None else {"true": names[answer.truth]})
        for answer in answers.answers
    ]
    failed = [{"input": failure.name, "reason": failure.reason} for failure in answers.failures]
    content = {"networks": networks, "classes": names, "predictions": predictions, "failed": failed}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def as_csv(answers: Answers, names: list[str]) -> str:
    """Return a header, and a row for each answer with the probability of every class."""
    truth = bool(answers.judged)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["input", "class", *(["true"] if truth else []), *(f"p({name})" for name in names)]
    writer.writerow([*header, "seen as"])
    for answer in answers.answers:
        true = [] if not truth else ["" if answer.truth is None else names[answer.truth]]
        probabilities = [f"{value:.6f}" for value in answer.probabilities]
        writer.writerow([answer.name, names[answer.label], *true, *probabilities, answer.done])
    return text.getvalue()


def numbers_as_table(answers: Answers, names: list[str]) -> str:
    """Return one line for each answer, with the numbers that are told."""
    rows = [
        [_short(a.name), *(f"{value:.5g}" for value in a.probabilities)] for a in answers.answers
    ]
    return _aligned([["input", *names], *rows])


def numbers_as_json(answers: Answers, names: list[str], networks: list[str]) -> str:
    """Return an object with the names of the numbers, answers, and failures."""
    predictions = [
        {"input": answer.name, "outputs": [float(value) for value in answer.probabilities]}
        for answer in answers.answers
    ]
    failed = [{"input": failure.name, "reason": failure.reason} for failure in answers.failures]
    content = {"networks": networks, "outputs": names, "predictions": predictions, "failed": failed}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def numbers_as_csv(answers: Answers, names: list[str]) -> str:
    """Return a header, and a row for each answer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["input", *names])
    writer.writerows([answer.name, *map(float, answer.probabilities)] for answer in answers.answers)
    return text.getvalue()


def closing(answers: Answers) -> list[str]:
    """Say how many were wrong, where somebody knows, and name what could not be read."""
    lines = []
    judged, wrong = answers.judged, [answer for answer in answers.judged if answer.is_wrong]
    if judged:
        rate = 100 * len(wrong) / len(judged)
        lines.append(f"error     {rate:.2f} % ({len(wrong)} of {len(judged):,} wrong)")
    if answers.failures:
        total = len(answers.failures) + len(answers.answers)
        lines.append(f"not read  {len(answers.failures)} of {total:,}:")
        lines += [f"  {failure.name}: {failure.reason}" for failure in answers.failures]
    return lines


def _row(answer: Answer, names: list[str], top: int, truth: bool) -> list[str]:
    order = (-answer.probabilities).argsort(kind="stable")[:top]
    said: Callable[[int], str] = lambda label: f"{answer.probabilities[label]:.3f}"  # noqa: E731
    name = _short(answer.name)
    then = ", ".join(f"{names[label]} {said(label)}" for label in order[1:])
    true = "" if answer.truth is None else names[answer.truth] + " (wrong)" * answer.is_wrong
    cells = [name, names[order[0]], said(order[0])]
    return [*cells, *[then] * (top > 1), *[true] * truth, answer.done]


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST else f"...{name[3 - _WIDEST :]}"


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"
