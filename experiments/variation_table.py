"""The tables of variations of the -best experiments, each compared with the whole settings."""

from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from experiments.variations import WHOLE, Variations, kept
from runner.base.seed_statistics import describe_seeds

_FEWEST = 2
HEADER = "| experiment | {} | validation error, mean ± sd | n | more than {}, ± standard error |\n"
RULE = "|---|---|---|---|---|\n"


def of_ablations(variations: Variations, folder: Path | None = None) -> str:
    """Return the Markdown table of what each experiment is without its ingredients."""
    return _table(variations, folder, HEADER.format("without", "with it"), "nothing")


def of_candidates(variations: Variations, folder: Path | None = None) -> str:
    """Return the Markdown table of the settings that were compared with an experiment's."""
    return _table(variations, folder, HEADER.format("settings", "as it was"), "as it was")


def _table(variations: Variations, folder: Path | None, header: str, of_whole: str) -> str:
    rows = []
    for experiment, parts in variations.declared().items():
        found = {part: kept(folder or variations.results, experiment, part) for part in parts}
        whole = found.pop(WHOLE)
        if whole:
            rows.append(_row(experiment, of_whole, whole, None))
            rows += [_row(experiment, part, of, whole) for part, of in found.items() if of]
    return header + RULE + "".join(rows) if rows else "None was run yet.\n"


def _row(experiment: str, part: str, result: dict[str, Any], whole: dict[str, Any] | None) -> str:
    errors = _errors(result)
    described = describe_seeds(list(errors.values()), 100)
    shown = " ± ".join(format(described[of], ".3f") for of in ("mean", "sd") if of in described)
    more = _more(errors, _errors(whole)) if whole else "-"
    return f"| {experiment} | {part} | {shown} % | {len(errors)} | {more} |\n"


def _more(errors: dict[int, float], whole: dict[int, float]) -> str:
    """Return the mean difference of networks with the same seed, and its standard error."""
    differences = [errors[seed] - whole[seed] for seed in errors.keys() & whole.keys()]
    if len(differences) < _FEWEST:
        return "-"
    return f"{fmean(differences):+.3f} ± {stdev(differences) / len(differences) ** 0.5:.3f}"


def _errors(result: dict[str, Any]) -> dict[int, float]:
    return {seed["seed"]: 100 * seed["validation_error"] for seed in result["seeds"]}
