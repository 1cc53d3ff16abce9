"""`python -m runner.inspect`: from the command line to figures."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from runner.component import Component, component
from runner.errors import RunnerError
from runner.inspect import command

if TYPE_CHECKING:
    from runner.figures.subject import Subject
    from runner.inspect.trained import Trained

INTERRUPTED = 130


def main() -> None:
    """Parse the command line, and draw."""
    try:
        drawn = inspect(command.parse(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise
        kind = "" if isinstance(error, RunnerError) else f"{type(error).__name__}: "
        from runner import terminal

        terminal.show_error(f"{kind}{error}")
        sys.exit(1)
    sys.exit(0 if drawn else 1)


def inspect(asked: Namespace) -> list[Path]:
    """Draw the figures of a trained network that the command line asks for.

    Returns:
        the files that were written.
    """
    from runner import datasets, device, terminal
    from runner.inspect.trained import find

    named = command.figures(asked.figures) if asked.figures else {}
    trained = find(asked.run, asked.seed, asked.uri)
    config = trained.dataset(asked.dataset)
    figures = named or _unasked(trained, asked)
    terminal.console.print(f"network   {trained.network}", markup=False, soft_wrap=True)
    if not trained.node.get("evaluate_test", True):
        terminal.console.print("this run left the test images untouched; its figures use them")
    place = device.prepare("auto", "float32", deterministic=False)
    data = datasets.load(config, asked.language or trained.language)
    from runner.inspect import subject  # imports TensorFlow

    seen = subject.build(trained, data, asked, place)
    for line in subject.verdicts(seen, place):
        terminal.console.print(line, markup=False, soft_wrap=True)
    return draw(seen, figures, asked.output or _folder(trained), trained.run_id)


def draw(
    subject: "Subject", figures: dict[str, Component], folder: Path, run_id: str | None
) -> list[Path]:
    """Draw figures into a folder, say where, and log them with an MLflow run."""
    from runner import terminal
    from runner.figures.saving import save

    written = []
    for name, figure in figures.items():
        paths = save(figure(subject), folder / name)
        if not paths:
            terminal.console.print(f"[yellow]nothing to draw[/]  {name}: the network, or what is "
                                   "known of it, lacks what it shows", soft_wrap=True)  # fmt: skip
        for path in paths:
            terminal.console.print(f"drawn     {path}", markup=False, soft_wrap=True)
        written += paths
    if run_id is not None:
        from runner import tracking

        tracking.add_figures(run_id, written)
        terminal.console.print(f"logged    with MLflow run {run_id}", soft_wrap=True)
    return written


def _unasked(trained: "Trained", asked: Namespace) -> dict[str, Component]:
    """Return the figures for a command line without any; see its help."""
    if asked.images or asked.classes or asked.files:
        return command.figures(command.OF_CHOSEN_IMAGES)
    configured = trained.node.get("figures", {})
    return {name: component(node) for name, node in configured.items()} or command.by_default()


def _folder(trained: "Trained") -> Path:
    if trained.folder is not None:
        return trained.folder / "figures"
    return Path("outputs") / "inspected" / trained.name


if __name__ == "__main__":
    main()
