"""Put parts of one experiment, whose seeds were trained on several GPUs, together.

python -m experiments.join NAME PART ... [--predictions FOLDER] [--other-gpu] [--other-code]

Each part is a file of `experiments.run --name`. With the folder of its `--predictions` the ensemble
of all seeds is measured too. The parts are removed; a result that has the name already must be one
of them. Parts of GPUs of several models need `--other-gpu`: there sums are formed in another order,
which is to an error rate what another seed is, but seconds say nothing. Parts of several versions
of the code need `--other-code`, once it is known that what was changed does not concern them.
"""

import argparse
import json
import sys
from functools import partial, reduce
from pathlib import Path
from typing import Any

from experiments import label_errors
from experiments.merging import together
from experiments.run import RESULTS, read_result
from runner.base.atomic_files import write_text
from runner.base.errors import DataError
from runner.evaluation.ensembles import FEWEST, average_predictions, measure_ensemble
from runner.evaluation.predictions import Predictions
from runner.evaluation.predictions_file import load_predictions

_ROUNDED = 1e-6
"""Largest difference of an error that an earlier version wrote with six decimals."""


def main() -> None:
    """Write the joined result and say what it holds."""
    arguments = _parser().parse_args()
    target = RESULTS / f"{arguments.name}.json"
    _check_parts(target, arguments.parts)
    parts = [read_result(part) for part in arguments.parts]
    allowed = {"other_gpu": arguments.other_gpu, "other_code": arguments.other_code}
    joined = reduce(partial(together, **allowed), parts)
    joined["seeds"].sort(key=lambda seed: int(seed["seed"]))
    if arguments.predictions:
        joined["ensemble"] = _ensemble(arguments.predictions, joined["seeds"])
    write_text(target, json.dumps(joined, indent=1) + "\n")
    for part in arguments.parts:
        if not part.samefile(target):
            part.unlink()
    together_wrong = joined.get("ensemble", {}).get("test_error", "not measured")
    print(f"{target.name}: {len(joined['seeds'])} seeds, error of the ensemble {together_wrong}")


def _check_parts(target: Path, parts: list[Path]) -> None:
    """Refuse parts that are not there, and to replace a result whose seeds are in none of them."""
    missing = [str(part) for part in parts if not part.is_file()]
    if missing:
        sys.exit(f"expected results of experiments.run, not there: {', '.join(missing)}")
    if target.exists() and not any(part.samefile(target) for part in parts):
        seeds = len(read_result(target)["seeds"])
        sys.exit(
            f"{target}: expected it among the parts, got others and it holds {seeds} seeds; name "
            "it as a part too, or join under another NAME"
        )


def _ensemble(folder: Path, seeds: list[dict[str, Any]]) -> dict[str, Any]:
    """Measure the networks of all seeds together."""
    members = _members(folder, [f"seed-{seed['seed']}.npz" for seed in seeds])
    if len(members) < FEWEST:
        sys.exit(
            f"--predictions {folder}: expected those of {FEWEST} seeds or more, got "
            f"{len(members)}; leave --predictions out"
        )
    _check_errors(folder, seeds, members)
    try:
        ensemble = measure_ensemble({"test": members})
    except ValueError as error:
        sys.exit(f"--predictions {folder}: {error}; leave --predictions out")
    if members[0].examples == label_errors.KNOWN["examples"]:
        ensemble[label_errors.WRONG] = label_errors.wrong_of(average_predictions(members))
    return ensemble


def _check_errors(folder: Path, seeds: list[dict[str, Any]], members: list[Predictions]) -> None:
    """Refuse predictions that other networks left in the folder, by their errors."""
    for seed, predictions in zip(seeds, members, strict=True):
        found = predictions.errors("test")
        for name in ("test_error", "tta_test_error"):
            if name in found and abs(seed.get(name, found[name]) - found[name]) > _ROUNDED:
                sys.exit(
                    f"--predictions {folder}: expected those of the parts' networks, got others in "
                    f"seed-{seed['seed']}.npz: {name} {found[name]}, in the result {seed[name]}; "
                    "restore them or leave --predictions out"
                )


def _members(folder: Path, names: list[str]) -> list[Predictions]:
    """Read the predictions of all seeds, or name the files that are missing or hold no classes."""
    found = {name: _loaded(folder / name) for name in names}
    refused = [name for name, one in found.items() if one is None]
    if refused:
        sys.exit(
            f"--predictions {folder}: expected probabilities of classes of each seed, got missing, "
            f"damaged or other {', '.join(refused)}; restore them or leave --predictions out"
        )
    return [one for one in found.values() if one]


def _loaded(path: Path) -> Predictions | None:
    try:
        return load_predictions(path)
    except DataError:  # damaged
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("name", help="of the joined result")
    parser.add_argument("parts", nargs="+", type=Path, help="results of experiments.run")
    parser.add_argument("--predictions", type=Path, help="folder given to experiments.run")
    parser.add_argument("--other-gpu", action="store_true", help="parts of several models of GPU")
    parser.add_argument("--other-code", action="store_true", help="parts of several versions")
    return parser


if __name__ == "__main__":
    main()
