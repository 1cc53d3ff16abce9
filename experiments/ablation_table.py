"""The table of what each ingredient of the -best experiments gives."""

from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from experiments.ablation import RESULTS, WHOLE, ablations, kept
from runner.base.seed_statistics import describe_seeds

_FEWEST = 2
HEADER = (
    "| experiment | without | validation error, mean ± sd | n "
    "| more than with it, ± standard error |\n|---|---|---|---|---|\n"
)


def table(folder: Path = RESULTS) -> str:
    """Return the Markdown table of what is measured, experiment by experiment."""
    rows = []
    for experiment, parts in ablations().items():
        found = {part: kept(folder, experiment, part) for part in parts}
        whole = found[WHOLE]
        rows += [_row(experiment, part, of, whole) for part, of in found.items() if of and whole]
    return HEADER + "".join(rows) if rows else "None was run yet.\n"


def _row(experiment: str, part: str, result: dict[str, Any], whole: dict[str, Any]) -> str:
    errors = _errors(result)
    described = describe_seeds(list(errors.values()), 100)
    shown = " ± ".join(format(described[of], ".3f") for of in ("mean", "sd") if of in described)
    without, more = ("nothing", "-") if part == WHOLE else (part, _more(errors, _errors(whole)))
    return f"| {experiment} | {without} | {shown} % | {len(errors)} | {more} |\n"


def _more(errors: dict[int, float], whole: dict[int, float]) -> str:
    """Return the mean difference of networks with the same seed, and its standard error."""
    differences = [errors[seed] - whole[seed] for seed in errors.keys() & whole.keys()]
    if len(differences) < _FEWEST:
        return "-"
    return f"{fmean(differences):+.3f} ± {stdev(differences) / len(differences) ** 0.5:.3f}"


def _errors(result: dict[str, Any]) -> dict[int, float]:
    return {seed["seed"]: 100 * seed["validation_error"] for seed in result["seeds"]}
