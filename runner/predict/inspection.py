"""`python -m runner.inspect`: from the command line to figures."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from runner import datasets
from runner.base import device
from runner.config.component import Component, parse_component
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import FinishedRun, applies_to
from runner.predict import inspect_arguments, inspected_run
from runner.predict.arguments import end
from runner.run import console
from runner.tracking import mlflow_logging
from runner.tracking.run_finder import find_network
from runner.tracking.trained_network import Trained


def main() -> None:
    """Parse the command line, and draw; the exit code is 0 where anything was drawn."""
    end(lambda arguments: bool(inspect(inspect_arguments.parse(arguments))))


def inspect(asked: Namespace) -> list[Path]:
    """Draw the figures of a trained network that the command line asks for.

    Returns:
        the files that were written.
    """

    named = inspect_arguments.figures(asked.figures) if asked.figures else {}
    trained = find_network(asked.run, asked.seed, asked.uri)
    config = trained.dataset(asked.dataset)
    figures = named or _unasked(trained, asked)
    _say(f"network   {trained.network}")
    if not trained.node.get("evaluation", {}).get("test", True):
        _say("the run left the test images untouched; its figures now look at them")
    place = device.prepare_device("auto", "float32", deterministic=False)
    data = datasets.load(config, asked.language or trained.language)

    seen = inspected_run.build(trained, data, asked, place, config.own_pictures)
    for verdict in inspected_run.verdicts(seen, place):
        _say(verdict)
    asked_for = bool(named) or seen.selected is not None
    written = list(_draw(seen, figures, asked.output or _folder(trained), asked_for))
    run_id = trained.run_id if written else None
    if run_id is not None:
        mlflow_logging.add_figures(run_id, written)
        _say(f"logged    with MLflow run {run_id}")
    return written


def _draw(
    subject: FinishedRun, figures: dict[str, Component], folder: Path, asked_for: bool
) -> Iterator[Path]:
    """Draw figures into a folder, and say where, or, of those asked for, that they do not apply."""

    for name, figure in figures.items():
        paths = save_figure(figure(subject), folder / name) if applies_to(figure, subject) else []
        for path in paths:
            _say(f"drawn     {path}")
            if path.suffix == ".txt":
                console.show_text(path)
        if asked_for and not paths:
            _say(f"not drawn {name}: the network, or what is known of it, lacks what it shows")
        yield from paths


def _unasked(trained: Trained, asked: Namespace) -> dict[str, Component]:
    """Return the figures for a command line without any; see its help."""
    if asked.images or asked.classes or asked.files:
        return inspect_arguments.figures(inspect_arguments.OF_CHOSEN_IMAGES)
    configured = trained.node.get("figures", {})
    return {
        name: parse_component(node) for name, node in configured.items()
    } or inspect_arguments.by_default()


def _folder(trained: Trained) -> Path:
    if trained.folder is not None:
        return trained.folder / "figures"
    return Path("outputs") / "inspected" / trained.name


def _say(line: str) -> None:

    console.console.print(line, markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
