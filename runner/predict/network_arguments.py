"""Arguments that name a trained network, shared by several commands."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from textwrap import shorten
from typing import get_args

from runner.base.option_types import Language, Normalization
from runner.tracking.network_finder import find_network
from runner.tracking.trained_network import TrainedNetwork

SCALES: list[Normalization] = ["inverted", "inverted_unit", "unit", "none"]
_RUN = """\
latest; the name of a run, or the beginning of its id; its folder; the file of a network,
.keras or .h5; or a model in MLflow's registry, models:/NAME@ALIAS or models:/NAME/VERSION"""
_LONGEST_NAMES = 60
_SCALE = """\
what the network of a mere file expects of pixels 0..255, if it has no layer for that: as
model.normalization of `python -m runner`"""


@dataclass(frozen=True)
class NetworkArguments:
    """Arguments that name a trained network.

    Attributes:
        run: latest, the name, id, folder or file of a run, or the address of a registered model.
        dataset: name of the data set; None is the one of the run.
        scale: of pixels, for a mere file without a layer for that; None scales nothing.
        seed: of a run with several; None is the first.
        language: of class names and texts; None is the run's.
        uri: of the store of runs; None means the stores in `outputs/`.
    """

    run: str
    dataset: str | None
    scale: Normalization | None
    seed: int | None
    language: Language | None
    uri: str | None

    def find(self) -> TrainedNetwork:
        """Find the network.

        Raises:
            ConfigurationError: there is none, or it is not clear which one is meant.
        """
        return find_network(self.run, self.seed, self.uri)


def listed_names(names: list[str]) -> str:
    """Return names on one line, those of many shortened."""
    return shorten(", ".join(names), _LONGEST_NAMES, placeholder=" ...") + f" ({len(names)})"


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a network and say what it expects."""
    add = parser.add_argument
    add("run", metavar="RUN", help=_RUN)
    add("--dataset", metavar="NAME", help="to be recognized; needed where RUN is a mere file")
    add("--scale", choices=SCALES, help=_SCALE)
    add("--seed", metavar="N", type=int, help="of a run with several; default: the first")
    add(
        "--language",
        choices=get_args(Language),
        help="of class names and texts; default: the run's",
    )
    add("--uri", help="of the store of runs; otherwise what is in outputs/")


def network_arguments(parsed: argparse.Namespace) -> NetworkArguments:
    """Return the arguments of `add_network`."""
    return NetworkArguments(
        run=parsed.run,
        dataset=parsed.dataset,
        scale=parsed.scale,
        seed=parsed.seed,
        language=parsed.language,
        uri=parsed.uri,
    )
