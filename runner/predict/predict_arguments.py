"""What the command line of `python -m runner.predict` asks for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from runner.base.command import Parser, comma_list, positive_int
from runner.base.errors import ConfigurationError
from runner.base.option_types import Background, Fit
from runner.predict.arguments import add_network

FORMATS = ("table", "json", "csv")
AS_IS = "as-is"
_DESCRIPTION = """\
Say what a trained network takes your own pictures, arrays or numbers for.

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


def parse(arguments: Sequence[str]) -> argparse.Namespace:
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
    asked = parser.parse_intermixed_args(arguments)
    if bool(asked.files) == bool(asked.values):
        raise ConfigurationError("expected files or folders, or else --values with numbers")
    if asked.dataset and asked.classes:
        raise ConfigurationError("--dataset has classes of its own; give that or --classes")
    if asked.output and asked.output.parent.is_dir() is False:
        raise ConfigurationError(f"--output {asked.output}: there is no such folder")
    asked.format = asked.format or _format(asked.output)
    return asked


def _add_input(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", metavar="FILE", nargs="*", type=Path, help=_FILES)
    add("--values", metavar="X", nargs="+", type=float, help="numbers, row by row, for a table")
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
    add("--format", choices=FORMATS, help="default: by the name of --output, or table")
    add("--output", metavar="FILE", type=Path, help="write the answer there")
    add("--show", metavar="PNG", type=Path, help="draw what the network was shown, and its answers")


def _format(output: Path | None) -> str:
    suffix = output.suffix.lstrip(".").lower() if output else ""
    return suffix if suffix in FORMATS else "table"
