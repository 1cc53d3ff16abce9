"""Arguments that name a trained network, of every command that takes one."""

from __future__ import annotations

import argparse
from typing import get_args

from runner.base.option_types import Language, Normalization

SCALES: list[Normalization] = ["inverted", "unit", "none"]
_RUN = """\
latest; the name of a run, or the beginning of its MLflow id; its folder; the file of a network,
.keras or .h5; or a model in MLflow's registry, models:/NAME@ALIAS or models:/NAME/VERSION"""
_SCALE = """\
what the network of a mere file expects of pixels 0..255, if it has no layer for that: as
model.normalization of `python -m runner`"""


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
    add("--uri", help="of the MLflow store; default: outputs/mlflow.db")
