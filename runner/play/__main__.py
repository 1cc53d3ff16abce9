"""The command `python -m runner.play`: a page to play with, in the browser, on this machine."""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
import webbrowser
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import get_args

from runner.base.command import Parser, positive_int, run_command
from runner.base.console import busy, say
from runner.base.device import prepare_device
from runner.base.errors import ConfigurationError
from runner.base.lazy import uvicorn
from runner.base.option_types import Language
from runner.base.program_files import command_name
from runner.play.loaded_networks import LoadedNetworks
from runner.play.own_data import own_data
from runner.play.play_answers import PlayAnswers
from runner.play.play_server import Handler, play_app
from runner.play.playable_runs import GivenNetwork, PlayableRuns
from runner.play.region_answers import RegionAnswers
from runner.play.training_answers import TrainingAnswers
from runner.play.trainings import Trainings
from runner.predict.network_arguments import SCALES
from runner.tracking.network_finder import find_network

HOST = "127.0.0.1"
"""What the page listens on: this machine alone."""

_PORT, _PORTS = 8000, 20
_PATIENCE = 5
"""Seconds in which answers that are on their way still arrive when the page is closed."""

_RUN = """\
shown first: latest; the name of a run, or the beginning of its id; its folder; or the file of a
network; default: the latest run"""
_DESCRIPTION = """\
Open a page to play with: draw, and see what a trained network makes of it.

  {name} play
  {name} play lenet-mnist --language pt
  {name} play old.h5 --dataset mnist --scale inverted
  {name} play --data ~/pictures"""
_DATA = """\
of your own, to be trained on from the page: a folder that holds a folder of pictures for each
class, or a CSV file whose last column is the class or number"""


def main() -> int:
    """Serve until interrupted, and return the exit code."""
    return run_command(_run, interrupted="the page is closed")


def _run(arguments: Sequence[str]) -> bool:
    parsed = _parse(arguments)
    _check_extra()
    given = _given(parsed)
    own = own_data(parsed.data) if parsed.data else None
    with _listening(parsed.port) as listening:
        with busy("loading"):
            prepare_device("auto", "float32", deterministic=False)
            runs = PlayableRuns(given, parsed.uri)
            networks = LoadedNetworks(runs)
            listed = runs.listed()
            if listed:
                networks.get(listed[0].key)
        trainings = Trainings(uri=parsed.uri, own=own)
        asked = handlers(
            PlayAnswers(runs, networks), TrainingAnswers(trainings, runs), RegionAnswers(runs)
        )
        app = play_app(asked, trainings.close)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_PATIENCE)
        _show(listening.getsockname()[1], parsed.language, open_window=not parsed.no_browser)
        uvicorn.Server(config).run(sockets=[listening])
    return True


def handlers(
    answers: PlayAnswers, training: TrainingAnswers, regions: RegionAnswers
) -> dict[str, Handler]:
    """Return what the page can ask, by name."""
    return {
        "runs": answers.list_runs,
        "describe": answers.describe,
        "picture": answers.picture,
        "look": answers.look,
        "explain": answers.explain,
        "flip": answers.flip,
        "filters": answers.filters,
        "nearest": answers.nearest,
        "exciting": answers.exciting,
        "maximized": answers.maximized,
        "choices": training.choices,
        "train": training.train,
        "trainings": training.trainings_listed,
        "progress": training.progress,
        "stop": training.stop,
        "go-on": training.go_on,
        "history": training.history,
        "regions": regions.regions,
    }


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog=f"{command_name()} play",
        description=_DESCRIPTION.format(name=command_name()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("run", metavar="RUN", nargs="?", help=_RUN)
    add("--dataset", metavar="NAME", help="to be recognized; needed where RUN is a mere file")
    add("--scale", choices=SCALES, help="what the network of a mere file expects of pixels")
    add("--data", metavar="PATH", type=Path, help=_DATA)
    add("--seed", metavar="N", type=int, help="of a run with several; default: the first")
    languages = get_args(Language)
    add("--language", choices=languages, default="en", help="of the page; it can be switched there")
    add("--uri", help="of the store of runs; otherwise what is in outputs/")
    add("--port", metavar="N", type=positive_int, help=f"default: {_PORT}, or the next free one")
    add("--no-browser", action="store_true", help="do not open a window")
    return parser.parse_args([re.sub("^language=", "--language=", word) for word in arguments])


def _check_extra() -> None:
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} is not installed: pip install 'keras-image-runner[play]'"
        )


def _given(parsed: argparse.Namespace) -> GivenNetwork | None:
    """Return the network that is named, if one is."""
    if parsed.run is None:
        return None
    trained = find_network(parsed.run, parsed.seed, parsed.uri)
    trained.dataset(parsed.dataset)
    return GivenNetwork(trained, parsed.dataset, parsed.scale)


def _listening(wanted: int | None) -> socket.socket:
    """Return a socket that listens on this machine alone."""
    for port in [wanted] if wanted else range(_PORT, _PORT + _PORTS):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError:
            listening.close()
            continue
        listening.listen()
        return listening
    taken = wanted or f"{_PORT} to {_PORT + _PORTS - 1}"
    raise ConfigurationError(f"port {taken} of {HOST} is taken; choose another one with --port")


def _show(port: int, language: Language, *, open_window: bool) -> None:
    """Print the address of the page, and open it where there is a screen."""
    address = f"http://{HOST}:{port}/{'' if language == 'en' else f'?lang={language}'}"
    say(f"play      {address}")
    say("Ctrl-C closes it" if language == "en" else "Ctrl-C fecha a página")
    if open_window and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
