"""How many wrongly classified test images of MNIST have a label that people doubt.

python -m experiments.label_errors RUN    of a finished run: latest, or its name, id or folder
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from runner.base.seed_statistics import describe_seeds
from runner.evaluation.ensembles import FEWEST, average_predictions
from runner.evaluation.predictions import Predictions
from runner.tracking.found_run import FoundRun
from runner.tracking.run_finder import find_run

KNOWN: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
DOUBTED = frozenset(map(int, KNOWN["images"]))
ENSEMBLE = "ensemble"
WRONG = "wrong_images"
"""Key of a result's misclassified test images."""
HEADER = (
    "| experiment | n | wrong, mean | of them with a doubted label, mean ± sd "
    "| wrong in the ensemble of the n | of them with a doubted label |\n|---|---|---|---|---|---|\n"
)


def main() -> None:
    """Say it of a finished run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="latest, or name, id or folder of a finished run")
    found = find_run(parser.parse_args().run)
    wrong = wrong_images(found)
    if not wrong:
        parser.error(f"{found.name}: expected predictions of MNIST's 10,000 test images")
    for network, images in wrong.items():
        named = network if network == ENSEMBLE else f"seed {network}"
        print(f"{named}: {len(images)} wrong, {doubted(images)} of them with a doubted label")


def doubted(images: Iterable[int]) -> int:
    """Count the images whose label people doubt, of those that are known."""
    return len(DOUBTED.intersection(images))


def wrong_images(run: FoundRun) -> dict[str, list[int]]:
    """Return the test images that the network of each seed, and all of them together, get wrong.

    Returns:
        images by seed or `ensemble`; nothing where the test images are not MNIST's, in its order.
    """
    tested = {str(seed): of.predictions()["test"] for seed, of in run.seeds().items()}
    known = {seed: of for seed, of in tested.items() if of and of.examples == KNOWN["examples"]}
    if len(known) < len(tested):
        return {}
    if len(known) >= FEWEST:
        known[ENSEMBLE] = average_predictions(list(known.values()))
    return {network: wrong_of(of) for network, of in known.items()}


def wrong_of(predictions: Predictions) -> list[int]:
    """Return the numbers of the images that are misclassified."""
    wrong: list[int] = np.flatnonzero(predictions.predictions != predictions.labels).tolist()
    return wrong


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the Markdown table of the results that keep which images are wrong.

    Args:
        results: what `experiments/results/` holds, by experiment.
    """
    rows = [_row(name, of) for name, of in results.items() if _keeps(of)]
    return HEADER + "".join(rows) if rows else "No result keeps them yet.\n"


def _keeps(result: dict[str, Any]) -> bool:
    return all(WRONG in seed for seed in result["seeds"])


def _row(name: str, result: dict[str, Any]) -> str:
    networks = [seed[WRONG] for seed in result["seeds"]]
    described = describe_seeds([doubted(images) for images in networks])
    among = " ± ".join(format(described[of], ".1f") for of in ("mean", "sd") if of in described)
    together = result.get(ENSEMBLE, {}).get(WRONG)
    of_all = "- | -" if together is None else f"{len(together)} | {doubted(together)}"
    return f"| {name} | {len(networks)} | {fmean(map(len, networks)):.1f} | {among} | {of_all} |\n"


if __name__ == "__main__":
    main()
