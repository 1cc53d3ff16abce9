"""Run one experiment over several seeds and keep every seed's numbers in experiments/results/.

python -m experiments.run cnn1 [--seeds 10] [--name NAME] [--more] [--beside N]
                             [--predictions FOLDER] [OVERRIDE ...]
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments import label_errors
from runner.config.composition import compose_job
from runner.evaluation.predictions import FILES
from runner.run.fingerprint import code_version, fingerprint
from runner.tracking.run_finder import run_in_folder

RESULTS = Path(__file__).parent / "results"
QUIET = ["figures=[]", "tracking.log_model=false"]
KEPT = ("python", "tensorflow", "keras", "gpu", "cuda", "cudnn", "cpu", "git_commit", "git_dirty")
OF_HOST = ("cpu", "git_commit", "git_dirty")
"""What may differ between GPUs of several hosts; `code` says which code trained."""

SETTINGS = "settings"
"""Hash of the configuration and the code: the same command means another once its file changes.
Results from before 2026-11-27 lack it."""


def main() -> None:
    """Run what the command line says and write its result."""
    arguments, overrides = _parser().parse_known_args()
    said = ["-m", arguments.program, f"experiment={arguments.experiment}", *overrides]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
    with tempfile.TemporaryDirectory() as folder:
        more = [f"seeds={arguments.seeds}", *QUIET, f"hydra.run.dir={folder}"]
        try:
            subprocess.run([sys.executable, *said, *more], check=True)
        finally:
            if (Path(folder) / "environment.json").is_file():
                _keep(arguments, result_in(f"python {' '.join(said)}", Path(folder), said[2:]))
            if arguments.predictions:
                _copy_predictions(Path(folder), arguments.predictions)


def _keep(arguments: argparse.Namespace, content: dict[str, Any]) -> None:
    """Write a result; of a training that was interrupted, its finished seeds."""
    target = RESULTS / f"{arguments.name or arguments.experiment}.json"
    if arguments.beside:
        content["beside"] = arguments.beside
    if arguments.more:
        content = together(read_result(target), content)
    elif target.exists() and len(content["seeds"]) < len(read_result(target)["seeds"]):
        target = target.with_suffix(".interrupted.json")  # the whole result that is there stays
    if content["seeds"]:
        RESULTS.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _copy_predictions(folder: Path, target: Path) -> None:
    """Copy what each finished seed predicted for the test images to seed-K.npz."""
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob(FILES["test"]):
        report = path.with_name("report.json")
        if report.is_file():
            shutil.copyfile(path, target / f"seed-{read_result(report)['seed']}.npz")


def together(
    before: dict[str, Any], more: dict[str, Any], *, other_gpu: bool = False
) -> dict[str, Any]:
    """Put the seeds of two results of the same program, device and code into one.

    What all networks of one command gave together is left out: nobody asked these together. With
    `other_gpu` the model of the GPU may differ; each seed then says its own.
    """
    if other_gpu:
        before, more = _with_gpu_of_each_seed(before), _with_gpu_of_each_seed(more)
    alike = _trained_with(more, other_gpu)
    trained_with = _trained_with(before, other_gpu).items()
    differing = [name for name, of in trained_with if of != alike[name]]
    if before.get(SETTINGS, more.get(SETTINGS)) != more.get(SETTINGS, before.get(SETTINGS)):
        differing.append(SETTINGS)
    if differing:
        sys.exit(f"expected the {', '.join(differing)} of the result that is there")
    twice = {seed["seed"] for seed in before["seeds"]} & {seed["seed"] for seed in more["seeds"]}
    if twice:
        sys.exit(f"seeds {sorted(twice)} are in the result that is there; give others")
    merged = before | more | {"seeds": [*before["seeds"], *more["seeds"]]}
    merged.pop("ensemble", None)
    return merged


def _with_gpu_of_each_seed(result: dict[str, Any]) -> dict[str, Any]:
    gpu = result["environment"]["gpu"]
    return result | {"seeds": [{"gpu": gpu} | seed for seed in result["seeds"]]}


def _trained_with(result: dict[str, Any], other_gpu: bool) -> dict[str, Any]:
    """Return what seeds that are put together must have been trained with."""
    environment = result["environment"]
    hidden: set[str] = set()
    if environment.get("gpu", "none") != "none":
        hidden = {*OF_HOST, "gpu"} if other_gpu else {*OF_HOST}
    return {
        "command": result["command"],
        "environment": {name: of for name, of in environment.items() if name not in hidden},
        "code": result.get("code"),
    }


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


def result_in(command: str, folder: Path, overrides: list[str]) -> dict[str, Any]:
    """Return what is kept of the run in a folder, that a command with these overrides left."""
    environment = read_result(folder / "environment.json")
    report = read_result(folder / "report.json") if (folder / "report.json").is_file() else {}
    seeds = report.get("seeds", [report] if report else _finished(folder))
    if report:
        _keep_wrong_images(folder, report)
    config = compose_job(overrides)
    return {
        "command": command,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "environment": {name: environment[name] for name in KEPT if name in environment},
        "code": code_version(config),
        SETTINGS: fingerprint(config, [], {}),
        "seeds": seeds,
    } | {name: of for name, of in report.get("summary", {}).items() if name == "ensemble"}


def _keep_wrong_images(folder: Path, report: dict[str, Any]) -> None:
    """Put which of MNIST's test images a network, or all together, got wrong into its report."""
    reports = {str(one["seed"]): one for one in report.get("seeds", [report])}
    reports[label_errors.ENSEMBLE] = report.get("summary", {}).get("ensemble", {})
    for network, images in label_errors.wrong_images(run_in_folder(folder)).items():
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
