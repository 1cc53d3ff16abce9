"""Run one experiment over several seeds and keep every seed's numbers in experiments/results/.

python -m experiments.run cnn1 [--seeds 10] [--name NAME] [OVERRIDE ...]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
QUIET = ["figures=[]", "tracking.log_model=false"]
KEPT = ("python", "tensorflow", "keras", "gpu", "cuda", "cudnn", "cpu", "git_commit", "git_dirty")


def main() -> None:
    """Run what the command line says and write its result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("experiment", help="a file of conf/experiment")
    parser.add_argument("--seeds", default="10")
    parser.add_argument("--name", help="of the result; the experiment's by default")
    parser.add_argument("--program", default="runner", help="another module that takes its place")
    arguments, overrides = parser.parse_known_args()
    said = [f"experiment={arguments.experiment}", f"seeds={arguments.seeds}", *overrides]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            arguments.program,
            *said,
            *QUIET,
            f"hydra.run.dir={folder}",
        ]
        subprocess.run(command, check=True)
        content = _result(f"python -m {arguments.program} {' '.join(said)}", Path(folder))
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{arguments.name or arguments.experiment}.json"
    target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _result(command: str, folder: Path) -> dict[str, Any]:
    report, environment = _read(folder / "report.json"), _read(folder / "environment.json")
    return {
        "command": command,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "environment": {name: environment[name] for name in KEPT if name in environment},
        "seeds": report.get("seeds", [report]),
    } | {name: of for name, of in report.get("summary", {}).items() if name == "ensemble"}


def _read(path: Path) -> Any:
    """Read JSON with numbers of six digits, small ones too; more say nothing."""
    return json.loads(
        path.read_text(encoding="utf-8"), parse_float=lambda text: float(f"{float(text):.6g}")
    )


if __name__ == "__main__":
    main()
