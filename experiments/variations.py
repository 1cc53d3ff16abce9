"""Variations of the -best experiments, measured on validation images.

A YAML file says which there are: for each experiment `whole`, the overrides that all its rows have,
and a line for each variation with its own. The results are in a folder of the same name. Every
command is a process of its own, so that a queue can spread them over GPUs.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from experiments.run import planned, result_in
from experiments.training_folder import beside, removed_when_kept
from runner.base.atomic_files import write_text

HERE = Path(__file__).parent
WHOLE = "whole"
RUN = "run"
"""Folder of the training, beside its entry in a store of its own."""

VALIDATED = ("evaluation.test=false", "evaluation.fitted=false", "evaluation.tta=null")
KEPT = ("seed", "validation_error", "validation_errors", "validation_images", "train_seconds")


@dataclass(frozen=True)
class Variations:
    """Variations of one kind.

    Attributes:
        module: of `experiments`, that measures them.
        noun: what one of them is called in a command line.
        name: of the YAML file that declares them, and of the folder of the results.
    """

    module: str
    noun: str
    name: str

    @property
    def results(self) -> Path:
        """Folder of the results, with a folder for each experiment."""
        return HERE / self.name

    def declared(self) -> dict[str, dict[str, list[str]]]:
        """Return the overrides of each row, by experiment and variation; `whole` comes first."""
        file = HERE / f"{self.name}.yaml"
        return {
            experiment: {part: said.split() for part, said in parts.items() if said is not None}
            for experiment, parts in yaml.safe_load(file.read_text(encoding="utf-8")).items()
        }

    def overrides_of(self, experiment: str, part: str) -> list[str]:
        """Return what the command line of a row is, its seeds left out."""
        parts = self.declared()[experiment]
        of_part = [] if part == WHOLE else parts[part]
        return [f"experiment={experiment}", *VALIDATED, *parts[WHOLE], *of_part]

    def left(self, experiments: list[str], seeds: int, folder: Path) -> Iterator[tuple[str, str]]:
        """Yield experiment and variation of each row that has fewer networks than asked for."""
        known = self.declared()
        for experiment in experiments or known:
            if experiment not in known:
                sys.exit(f"{experiment}: expected one of {', '.join(known)}")
            for part in known[experiment]:
                found = kept(folder, experiment, part)
                if found is None or len(found["seeds"]) < seeds:
                    yield experiment, part

    def main(self, description: str | None) -> None:
        """List what is left, or measure one of it."""
        arguments, overrides = self._parser(description).parse_known_args()
        if arguments.list:
            for experiment, part in self.left(arguments.what, arguments.seeds, arguments.results):
                said = f"python -m experiments.{self.module} {experiment} {part}"
                print(f"{said} --seeds {arguments.seeds}")
            return
        signal.signal(signal.SIGTERM, lambda *_: None)  # the training ends by it, and is kept then
        match arguments.what:
            case [experiment, part] if part in self.declared().get(experiment, {}):
                row = [*self.overrides_of(experiment, part), *overrides]
                folder = Path(tempfile.mkdtemp())
                with removed_when_kept(folder):
                    plan, code = trained(row, arguments.seeds, folder)
                    result = measured(plan, code, folder / RUN)
                    write(arguments.results / experiment / f"{part}.json", result)
                if len(result["seeds"]) < arguments.seeds:
                    finished = f"{len(result['seeds'])} of {arguments.seeds}"
                    sys.exit(f"only {finished} networks are finished")
            case _:
                file = f"experiments/{self.name}.yaml"
                sys.exit(f"expected --list, or EXPERIMENT {self.noun} of {file}")

    def _parser(self, description: str | None) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            description=description, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        noun = self.noun.lower()
        parser.add_argument("what", nargs="*", help=f"experiments to list, or one and its {noun}")
        parser.add_argument("--list", action="store_true", help="print the commands that are left")
        parser.add_argument("--seeds", type=int, default=10, help="networks of each row")
        folder = "folder; default %(default)s"
        parser.add_argument("--results", type=Path, default=self.results, help=folder)
        return parser


def trained(overrides: list[str], seeds: int, folder: Path) -> tuple[dict[str, Any], int]:
    """Train the networks of a row; return what was planned, and the exit code."""
    said = ["-m", "runner", *overrides, f"seeds={seeds}"]
    plan = planned(f"python {' '.join(said)}", overrides)
    own = ["figures=[]", "tracking=folder", f"tracking.uri={folder}"]
    command = [sys.executable, *said, *own, f"hydra.run.dir={folder / RUN}"]
    return plan, subprocess.run(command, check=False).returncode


def measured(plan: dict[str, Any], code: int, run: Path) -> dict[str, Any]:
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


def write(path: Path, result: dict[str, Any]) -> None:
    """Write a row; one that has more networks already stays."""
    before = kept(path.parents[1], path.parent.name, path.stem)
    if before and len(before["seeds"]) > len(result["seeds"]):
        path = beside(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(result, indent=1) + "\n")
