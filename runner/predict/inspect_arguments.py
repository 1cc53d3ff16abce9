"""Arguments of `python -m runner.inspect`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from runner.base.command import Parser, comma_list, int_list, positive_int
from runner.base.option_types import FigureFormat
from runner.config import composition
from runner.config.component import Component
from runner.config.help import yaml_comment
from runner.config.search_path import group_files
from runner.predict.network_arguments import (
    NetworkArguments,
    add_network,
    network_arguments,
)

OF_CHOSEN_IMAGES = ["class-activation", "feature-maps"]
_DESCRIPTION = """\
Draw figures of a network that is trained already.

  python -m runner.inspect latest
  python -m runner.inspect lenet-mnist confusion-matrix misclassified.limit=50 --language pt
  python -m runner.inspect 3f2a feature-maps.layers=[convolution_1,3] --classes 1,3 --each 2
  python -m runner.inspect outputs/2025-01-31/10-20-30-lenet-mnist --files three.png seven.jpg
  python -m runner.inspect old.h5 first-filters --dataset mnist --scale inverted
  python -m runner.inspect latest --save model.h5"""
_FIGURES = """\
without any, the figures that the run was configured with, or, for a file, those that runs draw by
default; with images chosen, class-activation and feature-maps, which show them. FIGURE.OPTION=VALUE
sets an option, as figures.FIGURE.OPTION=VALUE does for `python -m runner`"""

_SAVE = """\
save the network for other programs, as model.h5 or model.keras; no figure is drawn unless named"""
_FORMAT = "of figures; svg and pdf stay sharp at any size; default: png"
_OUTPUT = """\
default: figures/ in the folder of the run, or outputs/inspected/NAME for a mere file; figures-2/
and so on where another figure has its name there: none is ever replaced"""


@dataclass(frozen=True)
class ImageChoice:
    """Images that figures show, if any; at most one of the three is chosen.

    Attributes:
        indices: of test images.
        classes: names or numbers of classes, whose first test images are shown.
        files: the user's own pictures.
        each: number of images of each class.
    """

    indices: list[int] | None = None
    classes: list[str] | None = None
    files: list[Path] | None = None
    each: int = 1

    def __bool__(self) -> bool:
        return bool(self.indices or self.classes or self.files)


@dataclass(frozen=True)
class InspectArguments:
    """Arguments of `python -m runner.inspect`.

    Attributes:
        network: that is inspected.
        images: that figures show.
        figures: their names, and options as FIGURE.OPTION=VALUE; empty takes the run's.
        output: folder for them; None is the run's.
        form: of the files of figures.
        save: file that the network is saved to, for other programs; None is none.
    """

    network: NetworkArguments
    images: ImageChoice
    figures: list[str]
    output: Path | None
    form: FigureFormat
    save: Path | None


def parse_arguments(arguments: Sequence[str]) -> InspectArguments:
    """Parse the command line, or print its help.

    Raises:
        ConfigurationError: it cannot be understood.
    """
    parser = Parser(
        prog="python -m runner.inspect",
        description=_DESCRIPTION,
        epilog=_list() if {"-h", "--help"} & set(arguments) else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_images(parser)
    add = parser.add_argument
    add_network(parser)
    add("figures", metavar="FIGURE", nargs="*", default=[], help=_FIGURES)
    add("--output", metavar="DIR", type=Path, help=_OUTPUT)
    add("--format", choices=get_args(FigureFormat), default="png", help=_FORMAT)
    add("--save", metavar="FILE", type=network_file, help=_SAVE)
    parsed = parser.parse_args(arguments)
    return InspectArguments(
        network=network_arguments(parsed),
        images=ImageChoice(parsed.images, parsed.classes, parsed.files, parsed.each),
        figures=parsed.figures,
        output=parsed.output,
        form=parsed.format,
        save=parsed.save,
    )


def network_file(text: str) -> Path:
    """Parse the name of a file for a network; for `add_argument(type=...)`."""
    path = Path(text)
    if path.suffix not in {".h5", ".keras"}:
        raise argparse.ArgumentTypeError(f"expected a name that ends in .h5 or .keras, got {text}")
    return path


def compose_figures(words: Sequence[str]) -> dict[str, Component]:
    """Compose and check figures from names and FIGURE.OPTION=VALUE; see `conf/figures`.

    Raises:
        ConfigurationError: there is no such figure or option, or a value is out of range.
    """
    options = [word for word in words if "=" in word]
    names = [name for word in words if word not in options for name in word.split(",")]
    names += [option.partition("=")[0].lstrip("+").partition(".")[0] for option in options]
    listed = ",".join(dict.fromkeys(names))
    overrides = [_within_figures(option) for option in options]
    return composition.compose_job([f"figures=[{listed}]", *overrides]).figures


def default_figures() -> dict[str, Component]:
    """Return the figures of `conf/config.yaml`."""
    return composition.compose_job([]).figures


def _add_images(parser: argparse.ArgumentParser) -> None:
    files = "show these pictures, or those in a folder, read as `python -m runner.predict` does"
    classes = "show the first test images of classes, by name or number; 1,1,3: two 1s and a 3"
    add = parser.add_mutually_exclusive_group().add_argument
    add("--images", metavar="3,17", type=int_list, help="show these test images")
    add("--classes", "--digits", metavar="1,3", type=comma_list, help=classes)
    add("--files", metavar="FILE", nargs="+", type=Path, help=files)
    parser.add_argument(
        "--each", metavar="N", type=positive_int, default=1, help="so many of each class"
    )


def _within_figures(option: str) -> str:
    name = option.lstrip("+")
    return f"{option[: len(option) - len(name)]}figures.{name}"


def _list() -> str:
    paths = group_files("figures")
    lines = [f"  {path.stem:23} {yaml_comment(path)}{_options(path)}" for path in paths]
    return "\n".join(["figures; conf/figures explains their options:", *lines])


def _options(path: Path) -> str:
    names = re.findall(r"^  ([a-z]\w*):", path.read_text(encoding="utf-8"), re.M)
    return f" Options: {', '.join(names)}." if names else ""
