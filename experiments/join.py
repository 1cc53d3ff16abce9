"""Put parts of one experiment, whose seeds were trained on several GPUs, together.

python -m experiments.join NAME PART ... [--predictions FOLDER] [--other-gpu]

Each part is a file of `experiments.run --name`. With the folder of its `--predictions` the ensemble
of all seeds is measured too. The parts are removed. Parts of GPUs of several models need
`--other-gpu`: there sums are formed in another order, which is to an error rate what another seed
is, but seconds say nothing.
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
from runner.evaluation.ensembles import average_predictions, measure_ensemble
from runner.evaluation.predictions_file import load_predictions


def main() -> None:
    """Write the joined result and say what it holds."""
    arguments = _parser().parse_args()
    parts = [read_result(part) for part in arguments.parts]
    joined = reduce(partial(together, other_gpu=arguments.other_gpu), parts)
    joined["seeds"].sort(key=lambda seed: int(seed["seed"]))
    if arguments.predictions:
        joined["ensemble"] = _ensemble(arguments.predictions, joined["seeds"])
    target = RESULTS / f"{arguments.name}.json"
    target.write_text(json.dumps(joined, indent=1) + "\n", encoding="utf-8")
    for part in arguments.parts:
        if not part.samefile(target):
            part.unlink()
    together_wrong = joined.get("ensemble", {}).get("test_error", "not measured")
    print(f"{target.name}: {len(joined['seeds'])} seeds, error of the ensemble {together_wrong}")


def _ensemble(folder: Path, seeds: list[dict[str, Any]]) -> dict[str, Any]:
    paths = [folder / f"seed-{seed['seed']}.npz" for seed in seeds]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        sys.exit(f"--predictions {folder}: expected those of all seeds, not there {missing}")
    members = [one for one in map(load_predictions, paths) if one]
    ensemble = measure_ensemble({"test": members})
    if members[0].examples == label_errors.KNOWN["examples"]:
        ensemble[label_errors.WRONG] = label_errors.wrong_of(average_predictions(members))
    return ensemble


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("name", help="of the joined result")
    parser.add_argument("parts", nargs="+", type=Path, help="results of experiments.run")
    parser.add_argument("--predictions", type=Path, help="folder given to experiments.run")
    parser.add_argument("--other-gpu", action="store_true", help="parts of several models of GPU")
    return parser


if __name__ == "__main__":
    main()
