"""What each ingredient of the -best experiments gives, measured on validation images.

python -m experiments.ablation --list [EXPERIMENT ...]        the commands that are left, one a line
python -m experiments.ablation EXPERIMENT INGREDIENT          one of them: without that ingredient
python -m experiments.ablation EXPERIMENT whole               the recipe that they are compared with

`ablations.yaml` says which there are; the results are in experiments/ablations/, a folder for each
experiment. Every command is a process of its own, so that a queue can spread them over GPUs.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from experiments.run import planned, result_in
from experiments.training_folder import beside, removed_when_kept
from runner.base.atomic_files import write_text

HERE = Path(__file__).parent
RESULTS = HERE / "ablations"
WHOLE = "whole"
RUN = "run"
"""Folder of the training, beside its entry in a store of its own."""

VALIDATED = ("evaluation.test=false", "evaluation.fitted=false", "evaluation.tta=null")
KEPT = ("seed", "validation_error", "validation_errors", "validation_images", "train_seconds")


def main() -> None:
    """List what is left, or measure one of it."""
    arguments, overrides = _parser().parse_known_args()
    if arguments.list:
        for experiment, part in _left(arguments.what, arguments.seeds, arguments.results):
            said = f"python -m experiments.ablation {experiment} {part}"
            print(f"{said} --seeds {arguments.seeds}")
        return
    known = ablations()
    signal.signal(signal.SIGTERM, lambda *_: None)  # the training ends by it, and is kept then
    match arguments.what:
        case [experiment, part] if part in known.get(experiment, {}):
            folder = Path(tempfile.mkdtemp())
            with removed_when_kept(folder):
                plan, code = _trained(experiment, part, arguments.seeds, overrides, folder)
                result = _measured(plan, code, folder / RUN)
                _write(arguments.results / experiment / f"{part}.json", result)
            if len(result["seeds"]) < arguments.seeds:
                sys.exit(f"only {len(result['seeds'])} of {arguments.seeds} networks are finished")
        case _:
            sys.exit("expected --list, or EXPERIMENT INGREDIENT of experiments/ablations.yaml")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", help="experiments to list, or one and its ingredient")
    parser.add_argument("--list", action="store_true", help="print the commands that are left")
    parser.add_argument("--seeds", type=int, default=10, help="networks of each row")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder; default %(default)s")
    return parser


def ablations() -> dict[str, dict[str, list[str]]]:
    """Return the overrides of each row, by experiment and ingredient; `whole` comes first."""
    declared = yaml.safe_load((HERE / "ablations.yaml").read_text(encoding="utf-8"))
    return {
        experiment: {part: said.split() for part, said in parts.items() if said is not None}
        for experiment, parts in declared.items()
    }


def overrides_of(experiment: str, part: str) -> list[str]:
    """Return what the command line of a row is, its seeds left out."""
    parts = ablations()[experiment]
    of_part = [] if part == WHOLE else parts[part]
    return [f"experiment={experiment}", *VALIDATED, *parts[WHOLE], *of_part]


def _trained(
    experiment: str, part: str, seeds: int, more: list[str], folder: Path
) -> tuple[dict[str, Any], int]:
    """Train the networks of a row; return what was planned, and the exit code."""
    overrides = [*overrides_of(experiment, part), *more]
    said = ["-m", "runner", *overrides, f"seeds={seeds}"]
    plan = planned(f"python {' '.join(said)}", overrides)
    own = ["figures=[]", "tracking=folder", f"tracking.uri={folder}"]
    command = [sys.executable, *said, *own, f"hydra.run.dir={folder / RUN}"]
    return plan, subprocess.run(command, check=False).returncode


def _measured(plan: dict[str, Any], code: int, run: Path) -> dict[str, Any]:
    """Return what each network of a row gave on the validation images.

    Where one fails, or its loss is no number any more, those that were finished count.
    """
    if code and not list(run.glob("seed-*/report.json")):
        sys.exit(code)
    result = result_in(plan, run)
    return {
        **{name: result[name] for name in ("command", "date", "environment", "code")},
        "seeds": [{name: seed[name] for name in KEPT} for seed in result["seeds"]],
    }


def kept(folder: Path, experiment: str, part: str) -> dict[str, Any] | None:
    """Return what was measured of a row, or None."""
    path = folder / experiment / f"{part}.json"
    if not path.is_file():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _left(experiments: list[str], seeds: int, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield experiment and ingredient of each row that has fewer networks than asked for."""
    known = ablations()
    for experiment in experiments or known:
        if experiment not in known:
            sys.exit(f"{experiment}: expected one of {', '.join(known)}")
        for part in known[experiment]:
            found = kept(folder, experiment, part)
            if found is None or len(found["seeds"]) < seeds:
                yield experiment, part


def _write(path: Path, result: dict[str, Any]) -> None:
    """Write a row; one that has more networks already stays."""
    before = kept(path.parents[1], path.parent.name, path.stem)
    if before and len(before["seeds"]) > len(result["seeds"]):
        path = beside(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
