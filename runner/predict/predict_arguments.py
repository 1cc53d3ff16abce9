"""Arguments of `python -m runner.predict`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from runner.base.command import Parser, comma_list, number, positive_int
from runner.base.errors import ConfigurationError
from runner.base.option_types import Background, Fit
from runner.predict.network_arguments import (
    NetworkArguments,
    add_network,
    network_arguments,
)

Format = Literal["table", "json", "csv"]
AS_IS = "as-is"
_DESCRIPTION = """\
Predict with a trained network: your own pictures, arrays or numbers.

  python -m runner.predict latest three.png seven.jpg
  python -m runner.predict lenet-mnist scans/ --truth folder --show seen.png
  python -m runner.predict models:/digits@champion photo.jpg --polarity light --format json
  python -m runner.predict old.h5 three.png --dataset mnist --scale inverted
  python -m runner.predict weight-age --values 3.5 17"""
_FILES = """\
pictures (PNG, JPEG, GIF, BMP, WebP, TIFF), npz or npy arrays, CSV for a network of tables, and
folders of them"""
_FIT = """\
how pictures are brought to the network's size: mnist crops to the ink and centers its mass, tight
crops to it and centers its box, pad keeps the whole, crop its middle, stretch gives up its
proportions; default: as the data set's own were, and those of the right size are left alone"""
_POLARITY = """\
background of your pictures, which are inverted where the network knows the other one; as-is never
inverts; default: judged from the border of each"""
_TRUTH = """\
say how many are wrong: `folder` takes the name of a picture's folder as its class; otherwise the
name of an array of the npz, or of a column of the CSV, which hold classes by name or number"""


@dataclass(frozen=True)
class PredictArguments:
    """Arguments of `python -m runner.predict`.

    Attributes:
        network: that predicts.
        files: pictures, arrays, CSV files, and folders of them; empty where there are values.
        values: numbers of one row or more, instead of files.
        fit: how pictures are brought to the network's size; None is the data set's way.
        polarity: background of the pictures, or AS_IS; None judges each.
        key: of the array in an npz; None takes the one that fits.
        truth: FOLDER, or the name of an array or column of true classes; None knows none.
        classes: what a mere file's network tells apart, instead of a data set.
        ensemble: whether the networks of all seeds are averaged.
        top: number of classes in the table.
        format: of what is written.
        output: file for it; None is standard output.
        show: file for a picture of the inputs with their predictions; None draws none.
    """

    network: NetworkArguments
    files: list[Path]
    values: list[float] | None
    fit: Fit | None
    polarity: str | None
    key: str | None
    truth: str | None
    classes: list[str] | None
    ensemble: bool
    top: int
    format: Format
    output: Path | None
    show: Path | None


def parse_arguments(arguments: Sequence[str]) -> PredictArguments:
    """Parse the command line, or print its help.

    Raises:
        ConfigurationError: it cannot be understood, or two of its parts exclude each other.
    """
    parser = Parser(
        prog="python -m runner.predict",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_network(parser)
    _add_input(parser)
    _add_output(parser)
    parsed = parser.parse_args(arguments)
    _check(parsed)
    return PredictArguments(
        network=network_arguments(parsed),
        files=parsed.files,
        values=parsed.values,
        fit=parsed.fit,
        polarity=parsed.polarity,
        key=parsed.key,
        truth=parsed.truth,
        classes=parsed.classes,
        ensemble=parsed.ensemble,
        top=parsed.top,
        format=parsed.format or _format(parsed.output),
        output=parsed.output,
        show=parsed.show,
    )


def _check(parsed: argparse.Namespace) -> None:
    if bool(parsed.files) == bool(parsed.values):
        raise ConfigurationError("expected files or folders, or else --values with numbers")
    if parsed.dataset and parsed.classes:
        raise ConfigurationError("--dataset has classes of its own; give that or --classes")
    if parsed.output and parsed.output.parent.is_dir() is False:
        raise ConfigurationError(f"--output {parsed.output}: there is no such folder")


def _add_input(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", metavar="FILE", nargs="*", type=Path, default=[], help=_FILES)
    add(
        "--values",
        metavar="X",
        nargs="+",
        action="extend",
        type=number,
        help="numbers, row by row, for a table",
    )
    add("--fit", choices=get_args(Fit), help=_FIT)
    add("--polarity", choices=[*get_args(Background), AS_IS], help=_POLARITY)
    add("--key", metavar="NAME", help="of the array in an npz; default: the one that fits")
    add("--truth", metavar="WHERE", help=_TRUTH)
    names = "what a mere file's network tells apart, where that is no data set"
    add("--classes", metavar="A,B", type=comma_list, help=names)
    add("--ensemble", action="store_true", help="average the networks of all seeds of a run")


def _add_output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--top", metavar="N", type=positive_int, default=2, help="classes in the table; default: 2")
    add("--format", choices=get_args(Format), help="default: by the name of --output, or table")
    add("--output", metavar="FILE", type=Path, help="write the predictions there")
    add(
        "--show",
        metavar="PNG",
        type=Path,
        help="draw the inputs as the network got them, with their classes",
    )


def _format(output: Path | None) -> Format:
    """Return the format that a file's name ends in, or else a table."""
    suffix = output.suffix.lstrip(".").lower() if output else ""
    return next((name for name in get_args(Format) if name == suffix), "table")
