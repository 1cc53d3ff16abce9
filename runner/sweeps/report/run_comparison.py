"""The command `python -m runner.report compare A B`: is B better than A?"""

from __future__ import annotations

from collections.abc import Iterator

from runner.base.console import say, say_sentence, show_table
from runner.base.errors import ConfigurationError
from runner.base.objective import ERROR, Objective
from runner.base.option_types import Language
from runner.sweeps.report.compared_networks import (
    ComparedNetworks,
    check_comparable,
    find_networks,
)
from runner.sweeps.report.comparison import compare, errors_of
from runner.sweeps.report.comparison_language import language_in, translated
from runner.sweeps.report.image_comparison import compare_images
from runner.sweeps.report.power import smallest_difference
from runner.sweeps.report.seed_bootstrap import CRITERION, bootstrap
from runner.tracking.run_finder import find_run

_FEWEST = 3
"""Networks on each side from which on the probability that B is better has an interval."""


def compare_runs(
    first: str,
    second: str,
    kind: str,
    uri: str | None,
    *,
    averaged: bool,
    language: Language | None = None,
) -> None:
    """Print what two finished runs, or their ensembles, say about which is better.

    Args:
        first: A: `latest`, name, id or folder of a run; averaged, several with commas between them.
        second: B.
        kind: of images: test or validation.
        uri: of the store of runs; None means the stores in `outputs/`.
        averaged: whether the networks of each side count as one ensemble.
        language: of what is printed; None is that of A.
    """
    sides = [find_networks(word, kind, uri, averaged=averaged) for word in (first, second)]
    check_comparable(sides, kind)
    a, b = sides
    language = language or language_in(find_run(first.partition(",")[0], uri).folder)
    known = bool(a.predictions and b.predictions)
    sentences = []
    if not averaged:
        sentences = list(_of_seeds(first, second, kind, uri, alone=known))
    elif not known:
        raise ConfigurationError(
            f"{a.name} and {b.name} do not all have stored {kind} predictions; see --error"
        )
    for sign, side in zip("AB", sides, strict=True):
        say(f"{sign}  {side.name}")
    if known:
        sentences += _of_images(a, b, kind)
        _show(a, b, kind, language)
    for sentence in sentences:
        say_sentence(translated(sentence, language))


def _of_seeds(first: str, second: str, kind: str, uri: str | None, *, alone: bool) -> Iterator[str]:
    """Yield what the errors of the seeds say.

    Args:
        first: see `compare_runs`.
        second: the same.
        kind: the same.
        uri: the same.
        alone: whether single networks are compared elsewhere, by their images.
    """
    a, errors_a, objective = errors_of(first, uri)
    b, errors_b, other = errors_of(second, uri)
    if objective != other:
        raise ConfigurationError(f"{a} has the {objective.title}, {b} the {other.title} measured")
    if kind not in errors_a or kind not in errors_b:
        raise ConfigurationError(
            f"{a} and {b} do not both have a {kind} {objective.title}; see --error"
        )
    seeds = errors_a[kind], errors_b[kind]
    if alone and len(seeds[0]) == len(seeds[1]) == 1:
        return
    yield compare(*seeds, kind, objective).sentence("A", "B")
    yield _power(*seeds, objective)


def _power(a: dict[int, float], b: dict[int, float], objective: Objective) -> str:
    smallest = objective.with_unit(format(smallest_difference(a, b), objective.mean_format))
    return (
        f"These seeds find a difference of {smallest} 8 times of 10 (t-test, level 5 %); smaller "
        "ones need more seeds."
    )


def _of_images(a: ComparedNetworks, b: ComparedNetworks, kind: str) -> Iterator[str]:
    """Yield what the images say that only one side gets wrong."""
    found = bootstrap(a.wrong, b.wrong, paired=a.seeds == b.seeds and not a.averaged)
    count_a, count_b = len(a.predictions), len(b.predictions)
    if count_a == count_b == 1:
        (one,), (two,) = a.predictions, b.predictions
        yield compare_images(one, two, kind).sentence("A", "B", averaged=a.averaged)
    ends = " .. ".join(f"{100 * end:+.3f}" for end in (found.low, found.high))
    drawn = "images" if count_a == count_b == 1 else "seeds and images"
    yield (
        f"On other {drawn} the difference B - A of {100 * found.difference:+.3f} % may be {ends} "
        "(95 %, bootstrap)."
    )
    if min(count_a, count_b) >= _FEWEST:
        low, high = found.better_low, found.better_high
        verdict = "met" if found.meets_criterion else "not met"
        yield (
            f"A network of B is better than one of A with probability {found.better:.2f} "
            f"(95 %: {low:.2f} .. {high:.2f}); the criterion, above {CRITERION:g} and the interval "
            f"above 0.5, is {verdict}."
        )


def _show(a: ComparedNetworks, b: ComparedNetworks, kind: str, language: Language) -> None:
    """Print a table with a column for each side."""
    sides = [dict(side.rows()) for side in (a, b)]
    names = dict.fromkeys(name for side in sides for name in side)
    rows = [[name, *(side.get(name, "") for side in sides)] for name in names]
    header = [translated(f"{kind} {ERROR.title}", language), "A", "B"]
    show_table(header, [[translated(cell, language) for cell in row] for row in rows])
