"""Run one experiment over several seeds and keep every seed's numbers in experiments/results/.

python -m experiments.run cnn1 [--seeds 10] [--name NAME] [--more] [--beside N]
                             [--predictions FOLDER] [OVERRIDE ...]
"""

import argparse
import json
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from experiments import label_errors
from experiments.merging import SETTINGS, refusal, together
from experiments.training_folder import beside, removed_when_kept
from runner.base.atomic_files import write_text
from runner.base.environment import cpu_name, git_state
from runner.base.errors import RunnerError, one_line
from runner.config.composition import compose_job
from runner.evaluation.predictions import FILES
from runner.run.fingerprint import code_version, fingerprint
from runner.tracking.found_run import FoundRun

RESULTS = Path(__file__).parent / "results"
KEPT = ("python", "tensorflow", "keras", "gpu", "cuda", "cudnn", "cpu", "git_commit", "git_dirty")


def main() -> None:
    """Run what the command line says and write its result."""
    arguments, overrides = _parser().parse_known_args()
    said = ["-m", arguments.program, f"experiment={arguments.experiment}", *overrides]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
    plan = planned(f"python {' '.join(said)}", [*said[2:], f"seeds={arguments.seeds}"])
    if arguments.more:
        _check_more(_target(arguments), plan)
    folder = Path(tempfile.mkdtemp())
    quiet = [] if "tracking=folder" in overrides else ["tracking.log_model=false"]
    more = [f"seeds={arguments.seeds}", "figures=[]", *quiet, f"hydra.run.dir={folder}"]
    try:
        subprocess.run([sys.executable, *said, *more], check=True)
    finally:
        signal.signal(signal.SIGTERM, lambda *_: None)  # one that comes now loses nothing
        with removed_when_kept(folder):
            _keep_finished(arguments, plan, folder)


def _check_more(target: Path, plan: dict[str, Any]) -> None:
    """Refuse before the training what could not be added after it, as far as that is known."""
    there = read_result(target)["environment"] if target.is_file() else {}
    refused = _refusal(target, plan | {"environment": there | environment_so_far()})
    if refused:
        sys.exit(f"--more: {refused}")


def environment_so_far() -> dict[str, str]:
    """Return what is known of the environment without TensorFlow, which knows of GPUs."""
    packages = {package: version(package) for package in ("tensorflow", "keras")}
    return {"python": platform.python_version(), **packages, "cpu": cpu_name()} | git_state()


def _refusal(target: Path, more: dict[str, Any]) -> str:
    """Say why seeds cannot be added to a result; nothing where they can."""
    if not target.is_file():
        return f"expected {target}, it is not there; leave --more out for a new result"
    return refusal(read_result(target), more)


def _keep_finished(arguments: argparse.Namespace, plan: dict[str, Any], folder: Path) -> None:
    """Write what a training gave; where it was interrupted, of its finished seeds."""
    begun = (folder / "environment.json").is_file()
    refused = _keep(arguments, result_in(plan, folder)) if begun else ""
    if arguments.predictions:
        _copy_predictions(folder, arguments.predictions)
    if refused:
        sys.exit(refused)


def _keep(arguments: argparse.Namespace, content: dict[str, Any]) -> str:
    """Write a result, and say where it could not be added to the one that is there."""
    if not content["seeds"]:
        return ""
    if arguments.beside:
        content["beside"] = arguments.beside
    target = _target(arguments)
    RESULTS.mkdir(exist_ok=True)
    with FileLock(RESULTS / ".lock"):  # another command may add to the same
        refused = _refusal(target, content) if arguments.more else ""
        fewer = target.exists() and len(content["seeds"]) < len(read_result(target)["seeds"])
        if refused or (fewer and not arguments.more):
            target = beside(target)  # the whole result that is there stays
        elif arguments.more:
            content = together(read_result(target), content)
        write_text(target, json.dumps(content, indent=1) + "\n")
    return f"--more: {refused}; what was trained is in {target}" if refused else ""


def _target(arguments: argparse.Namespace) -> Path:
    return RESULTS / f"{arguments.name or arguments.experiment}.json"


def _copy_predictions(folder: Path, target: Path) -> None:
    """Copy what each finished seed predicted for the test images to seed-K.npz."""
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob(FILES["test"]):
        report = path.with_name("report.json")
        if report.is_file():
            shutil.copyfile(path, target / f"seed-{read_result(report)['seed']}.npz")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("experiment", help="a file of conf/experiment")
    parser.add_argument("--seeds", default="10")
    parser.add_argument("--name", help="of the result; the experiment's by default")
    parser.add_argument("--program", default="runner", help="another module that takes its place")
    parser.add_argument("--predictions", type=Path, help="folder for those of each seed")
    parser.add_argument("--more", action="store_true", help="add these seeds to those kept")
    parser.add_argument(
        "--beside", type=int, default=0, help="other trainings on the device: no seconds are shown"
    )
    return parser


def planned(command: str, overrides: list[str]) -> dict[str, Any]:
    """Return what is known of a result before anything is trained; files may change meanwhile."""
    try:
        config = compose_job(overrides)
        return {
            "command": command,
            "code": code_version(config),
            SETTINGS: fingerprint(config, [], {}),
            "seeds": [{"seed": seed} for seed in config.all_seeds],
        }
    except RunnerError as error:
        sys.exit(one_line(error))


def result_in(plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what is kept of the run in a folder, that what was planned left there."""
    environment = read_result(folder / "environment.json")
    report = read_result(folder / "report.json") if (folder / "report.json").is_file() else {}
    seeds = report.get("seeds", [report] if report else _finished(folder))
    if report:
        _keep_wrong_images(folder, report)
    return {
        "command": plan["command"],
        "date": datetime.now(tz=UTC).date().isoformat(),
        "environment": {name: environment[name] for name in KEPT if name in environment},
        "code": plan["code"],
        SETTINGS: plan[SETTINGS],
        "seeds": seeds,
    } | {name: of for name, of in report.get("summary", {}).items() if name == "ensemble"}


def _keep_wrong_images(folder: Path, report: dict[str, Any]) -> None:
    """Put which of MNIST's test images a network, or all together, got wrong into its report.

    Where that cannot be found out, the numbers are kept all the same.
    """
    reports = {str(one["seed"]): one for one in report.get("seeds", [report])}
    reports[label_errors.ENSEMBLE] = report.get("summary", {}).get("ensemble", {})
    try:
        wrong = label_errors.wrong_images(FoundRun(folder.name, folder))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not worth a training
        print(f"note: which images are wrong is not kept: {one_line(error)}", file=sys.stderr)
        return
    for network, images in wrong.items():
        reports[network][label_errors.WRONG] = images


def _finished(folder: Path) -> list[Any]:
    """Return the reports of the seeds that a training which was interrupted had finished."""
    reports = [read_result(path) for path in folder.glob("seed-*/report.json")]
    return sorted(reports, key=lambda report: int(report["seed"]))


def read_result(path: Path) -> Any:
    """Read JSON with numbers of six digits, small ones too; more say nothing."""
    return json.loads(
        path.read_text(encoding="utf-8"), parse_float=lambda text: float(f"{float(text):.6g}")
    )


if __name__ == "__main__":
    main()
