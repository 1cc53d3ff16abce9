"""The networks of two runs, or their ensembles, that are compared on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runner.base.binomial import binomial_sd, wilson_interval
from runner.base.errors import ConfigurationError
from runner.evaluation.ensembles import average_predictions
from runner.evaluation.predictions import Predictions
from runner.sweeps.report.seed_bootstrap import Wrong
from runner.tracking.run_finder import find_run


@dataclass(frozen=True)
class ComparedNetworks:
    """Networks of one way of training.

    Attributes:
        name: of the run, or of several.
        networks: by a unique key, their predictions; None where they are not stored.
        seeds: of the networks.
        averaged: whether they count as one ensemble.
    """

    name: str
    networks: dict[str, Predictions | None]
    seeds: list[int]
    averaged: bool = False

    @property
    def predictions(self) -> list[Predictions]:
        """Stored predictions of each network, or of their ensemble; none where some are missing."""
        stored = [one for one in self.networks.values() if one is not None]
        if len(stored) < len(self.networks):
            return []
        return [average_predictions(stored)] if self.averaged else stored

    @property
    def wrong(self) -> Wrong:
        """Share of wrong answers of each network to each image, [networks, images]."""
        shares = [one.predictions != one.labels for one in self.predictions]
        return np.stack([of.reshape(len(of), -1).mean(axis=1) for of in shares])

    def rows(self) -> list[tuple[str, str]]:
        """Return what a table says of them: names and texts."""
        wrong = self.wrong
        rates, images = 100 * wrong.mean(axis=1), wrong.shape[1]
        labels = self.predictions[0].labels[0].size  # several are not wrong independently
        if len(wrong) > 1:
            alone = 100 * binomial_sd(float(wrong.mean()), images)
            by_chance = [("sd by the binomial alone", f"{alone:.3f} %")]
            return [
                ("networks", str(len(wrong))),
                ("mean ± sd", f"{rates.mean():.3f} ± {rates.std(ddof=1):.3f} %"),
                *(by_chance if labels == 1 else []),
            ]
        count, of = round(float(wrong.sum()) * labels), " labels" if labels > 1 else ""
        low, high = (100 * end for end in wilson_interval(count, images * labels))
        by_chance = [("95 % interval (Wilson)", f"{low:.2f} .. {high:.2f} %")]
        return [
            ("networks", f"{len(self.networks)}, averaged" if self.averaged else "1"),
            ("wrong", f"{count} of {images * labels:,}{of}, {rates[0]:.2f} %"),
            *(by_chance if labels == 1 else []),
        ]


def find_networks(word: str, kind: str, uri: str | None, *, averaged: bool) -> ComparedNetworks:
    """Find the networks of a finished run; averaged, of several, with commas between them.

    Raises:
        ConfigurationError: there is no such finished run.
    """
    runs = [find_run(one, uri) for one in (word.split(",") if averaged else [word])]
    found = [(seed, one) for run in runs for seed, one in run.seeds().items()]
    return ComparedNetworks(
        name=",".join(run.name for run in runs),
        networks={one.key: one.predictions()[kind] for _, one in found},
        seeds=[seed for seed, _ in found],
        averaged=averaged,
    )


def check_comparable(sides: Sequence[ComparedNetworks], kind: str) -> None:
    """Raise ConfigurationError if a network is on both sides, or images differ."""
    a, b = sides
    if set(a.networks) & set(b.networks):
        raise ConfigurationError(
            f"{a.name} and {b.name} have a network in common; name two different runs"
        )
    stored = [one for side in sides for one in side.networks.values() if one is not None]
    if not all(one.of_same_images(stored[0]) for one in stored[1:]):
        raise ConfigurationError(
            f"the {kind} images of {a.name} and {b.name} differ; compare runs of the same data set "
            "and split"
        )
