"""Does the network of weight-skin find out that its second attribute is noise?

python -m experiments.noise

Asks the network of each of ten seeds about every weight and skin tone from 0 to 100, and writes
into experiments/weight-skin/noise.json for how many of the 101 weights its answer depends on the
skin, and for how many it is not always that of a network that was only given the weight. About
20 s on a CPU.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner import datasets
from runner.base import device
from runner.config import composition
from runner.training.trainer import Trainer

TARGET = Path(__file__).parent / "weight-skin" / "noise.json"
SCALE = np.arange(101, dtype=np.float32)


def main() -> None:
    """Train, ask and write."""
    with_skin, alone = _answers("weight-skin", _grid()), _answers("weight-age", SCALE[:, None])
    measured = []
    for seed, (asked, without) in enumerate(zip(with_skin, alone, strict=True)):
        classes = asked.reshape(len(SCALE), len(SCALE))  # weight, skin
        depends = (classes != classes[:, :1]).any(axis=1)
        differs = (classes != without[:, None]).any(axis=1)
        measured.append(
            {"seed": seed, "depends_on_skin": int(depends.sum()), "differs": int(differs.sum())}
        )
        print(measured[-1])
    TARGET.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def _grid() -> NDArray[np.float32]:
    weight, skin = np.meshgrid(SCALE, SCALE, indexing="ij")
    return np.stack([weight.ravel(), skin.ravel()], axis=1)


def _answers(experiment: str, rows: NDArray[np.float32]) -> list[NDArray[Any]]:
    """Return the classes that each seed's network gives rows of features."""
    config = composition.compose_job([f"experiment={experiment}", "seeds=10", "device=cpu"])
    place = device.prepare_device(config.device, config.precision, deterministic=False)
    data = datasets.load(config.dataset)
    trainer = Trainer(config, data.train, data.validation, data.task, place)
    answers = []
    for seed in config.all_seeds:
        model = trainer.fit(seed, []).model
        answers.append(np.asarray(model(rows)).argmax(axis=1))
    return answers


if __name__ == "__main__":
    main()
