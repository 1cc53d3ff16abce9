"""Write what experiments/results/ holds into README files, conf/experiment/*.yaml and the guides.

With `--check` nothing is written, and a text that is not up to date is an error.
"""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from statistics import fmean
from typing import Any

from experiments import apart, baselines, guide, label_errors, records, variation_table
from experiments.ablation import ABLATIONS
from experiments.candidates import CANDIDATES
from experiments.measured import average, values
from experiments.merging import INTERRUPTED
from runner.base.binomial import binomial_sd
from runner.base.objective import objective_of
from runner.base.seed_statistics import describe_seeds

HERE = Path(__file__).parent
README = HERE / "README.md"
TEXTS = {"README.md": False, "docs/course.md": False, "docs/pt/course.md": True}
"""Texts with measured numbers, and whether their decimals follow a comma."""
EXPERIMENTS = HERE.parent / "conf" / "experiment"
SAID = re.compile("# (hardware|duration|result|averaged) ")
BEGIN, END = "<!-- {}: made by `make table` -->\n", "<!-- end of {} -->\n"
HEADER = (
    "| experiment | task | handout | test error, mean ± sd | binomial alone | n | min .. max "
    "| handout's is off by | views averaged | ensemble of the n | training s | device |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|\n"
)
COLUMNS = HEADER.splitlines()[1].count("|") - 1


def main() -> None:
    """Write the table and the headers, or fail where they are not up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    check = parser.parse_args().check
    made = {README: _with_tables(README.read_text(encoding="utf-8"))}
    handouts, results = _handouts(), _results()
    for name, comma in TEXTS.items():
        path = HERE.parent / name
        text = path.read_text(encoding="utf-8")
        made[path] = guide.with_numbers(text, results, handouts, comma)
    for name, result in results.items():
        path = EXPERIMENTS / f"{name}.yaml"
        if path.is_file():
            shown = handouts.get(name, {}).get("number")
            made[path] = _with_header(path.read_text(encoding="utf-8"), result, shown)
    for path, text in made.items():
        if path.read_text(encoding="utf-8") == text:
            continue
        if check:
            sys.exit(f"{path.name} differs from experiments/results/; run `make table`")
        path.write_text(text, encoding="utf-8")


def _with_tables(text: str) -> str:
    """Replace the parts of a text that name where they begin and end."""
    results = _results()
    tables = {
        "table": table(),
        "apart": apart.explanations(_handouts(), results),
        "learners": baselines.table(results),
        "records": records.table(results),
        "ablations": variation_table.of_ablations(ABLATIONS),
        "candidates": variation_table.of_candidates(CANDIDATES),
        "label errors": label_errors.table(results),
    }
    for name, made in tables.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, _, rest = text.partition(begin)
        text = before + begin + made + end + rest.partition(end)[2]
    return text


def _with_header(text: str, result: dict[str, Any], shown: str | None) -> str:
    """Replace what a YAML file says of hardware, duration and result."""
    seconds, said = _seconds(result), f"# hardware  {_device(result)}\n"
    said += f"# duration  {seconds:.2g} s a training\n" if seconds else ""
    what = shown.replace("_", " ") if shown else "wrong"
    said += f"# result    {average(result, shown)} {what}, {len(result['seeds'])} seeds\n"
    said += _said_of_averages(result)
    lines = [line for line in text.splitlines(keepends=True) if not SAID.match(line)]
    after = next(n for n, line in enumerate(lines, 1) if line.startswith("# command"))
    return "".join([*lines[:after], said, *lines[after:]])


def _said_of_averages(result: dict[str, Any]) -> str:
    views, ensemble = _views(result), _ensemble(result)
    said = [f"{views} with views averaged"] if views else []
    said += [f"ensemble {ensemble}"] if ensemble else []
    return f"# averaged  {'; '.join(said)}\n" if said else ""


def _results() -> dict[str, dict[str, Any]]:
    """Return the results by name, but what an interrupted command left beside one."""
    paths = sorted((HERE / "results").glob("*.json"))
    whole = [path for path in paths if not path.name.endswith(INTERRUPTED)]
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in whole}


def _handouts() -> dict[str, dict[str, Any]]:
    """Return what the handouts printed of each experiment: `number` where it is no error rate."""
    handouts: dict[str, dict[str, Any]] = json.loads(
        (HERE / "handouts.json").read_text(encoding="utf-8")
    )
    return handouts


def table() -> str:
    """Return the Markdown table of all results, in the order of the handouts, then by name."""
    handouts, results = _handouts(), _results()
    unnamed = {name: {"task": ""} for name in results if name not in handouts}
    rows = (
        _row(name, handout, results[name]) if name in results else _missing(name, handout)
        for name, handout in (handouts | unnamed).items()
    )
    return HEADER + "".join(rows)


def _missing(name: str, handout: dict[str, Any]) -> str:
    if "missing" not in handout:
        sys.exit(f"experiments/results/{name}.json is not there; python -m experiments.run {name}")
    printed = ", ".join(f"{number:g} %" for number in handout["printed"]) + _printed_of(handout)
    said = f"| {name} | {handout['task']} | {printed} | not run: {handout['missing']} "
    return said + "| - " * (COLUMNS - 4) + "|\n"


def _row(name: str, handout: dict[str, Any], result: dict[str, Any]) -> str:
    objective, shown = objective_of(result["seeds"][0]), handout.get("number")
    seeds = values(result, shown)
    low, high = (format(end, ".2f" if shown is None else ".2g") for end in (min(seeds), max(seeds)))
    what = f"{shown.replace('_', ' ')} " if shown else ""
    printed = [what + objective.with_unit(f"{number:g}") for number in handout.get("printed", [])]
    return (
        f"| {name} | {handout.get('task', '')} | "
        f"{', '.join(printed) or '-'}{_printed_of(handout)} | "
        f"{what}{average(result, shown)} | {_binomial(result, shown)} | {len(seeds)} | "
        f"{low} .. {high} | "
        f"{apart.said(handout, result)} | "
        f"{_views(result) or '-'} | {_ensemble(result) or '-'} | "
        f"{_shown(_seconds(result))} | {_device(result)} |\n"
    )


def _binomial(result: dict[str, Any], shown: str | None) -> str:
    """Return what the choice of the images alone would make an error rate vary."""
    first = result["seeds"][0]
    if shown is not None or not {"test_errors", "test_images"} <= first.keys():
        return "-"
    return f"{100 * binomial_sd(fmean(values(result)) / 100, first['test_images']):.3f} %"


def _printed_of(handout: dict[str, Any]) -> str:
    """Return on what a handout measured its number, where that is not the whole test."""
    return f" on {handout['printed_of']}" if "printed_of" in handout else ""


def _views(result: dict[str, Any]) -> str:
    """Return the error of single networks asked about several views of each image, if known."""
    known = all("tta_test_error" in seed for seed in result["seeds"])
    return average(result, "tta_test_error") if known else ""


def _ensemble(result: dict[str, Any]) -> str:
    """Return the error of all networks together, if it is known."""
    ensemble = result.get("ensemble", {})
    kinds = {"test_error": "", "tta_test_error": " with views averaged"}
    return ", ".join(f"{100 * ensemble[k]:.2f} %{s}" for k, s in kinds.items() if k in ensemble)


def _shown(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"


def _seconds(result: dict[str, Any]) -> float | None:
    """Return the mean duration; none where others trained `beside` it, or on several devices."""
    if result.get("beside") or len(_gpus(result)) > 1:
        return None
    return describe_seeds([seed["train_seconds"] for seed in result["seeds"]])["mean"]


def _device(result: dict[str, Any]) -> str:
    environment, gpus = result["environment"], _gpus(result)
    if len(gpus) > 1:
        shares = (f"{gpu} ({n} of {gpus.total()} seeds)" for gpu, n in sorted(gpus.items()))
        return f"{' and '.join(shares)}, {result['date']}"
    (gpu,) = gpus
    return f"{environment['cpu'] if gpu == 'none' else f'one {gpu}'}, {result['date']}"


def _gpus(result: dict[str, Any]) -> Counter[str]:
    """Return how many seeds each model of GPU trained, or `none`."""
    gpu = result["environment"]["gpu"]
    return Counter(seed.get("gpu", gpu) for seed in result["seeds"])


if __name__ == "__main__":
    main()
