"""Do two runs on this device give the same weights, with and without `deterministic=true`?

python -m benchmarks.determinism [OVERRIDE ...]  for example experiment=cnn1 training.epochs=5
"""

import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Run each setting twice and print digests of the probabilities, and epoch times."""
    overrides = sys.argv[1:] or ["experiment=cnn1", "training.epochs=5"]
    for setting in ("false", "true"):
        first, second = (_run([*overrides, f"deterministic={setting}"]) for _ in range(2))
        verdict = "identical" if first[0] == second[0] else "different"
        seconds = statistics.median(first[1] + second[1])
        print(f"deterministic={setting}: {verdict} predictions, {1000 * seconds:.1f} ms an epoch")


def _run(overrides: list[str]) -> tuple[str, list[float]]:
    quiet = ["figures=[]", "tracking.log_model=false"]
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "runner", *overrides, *quiet, f"hydra.run.dir={name}"]
        subprocess.run(command, check=True, capture_output=True)
        predictions = (Path(name) / "predictions.npz").read_bytes()
        report = json.loads((Path(name) / "report.json").read_text(encoding="utf-8"))
    return hashlib.sha256(predictions).hexdigest(), report["epoch_seconds"]


if __name__ == "__main__":
    main()
