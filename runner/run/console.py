"""What a run says on the terminal."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runner.base.device import Device
from runner.base.objective import objective_of, objective_values
from runner.base.program_files import ui_command
from runner.evaluation.baselines import baseline_table as baselines
from runner.run import closing_table
from runner.run import regression_tables as numbers

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def show_configuration(node: dict[str, Any], device: Device) -> None:
    """Print each part of the composed configuration on a line, and the device."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in node.items():
        if key not in ("tracking", "device", "sweep") and value is not None:
            table.add_row(key, _one_line(key, value))
    table.add_row("device", f"{device.name} ({device.reason})")
    console.print(table)


def show_not_drawn(figures: list[str], tested: bool) -> None:
    """Say which figures show classes where numbers were learned, or test images without a test."""
    reason = "made for classes, not for numbers" if tested else "evaluation.test=false"
    console.print(f"not drawn {', '.join(figures)}: {reason}", soft_wrap=True)


def show_results(
    results: list[dict[str, Any]], summary: dict[str, Any], folder: Path, uri: str | None
) -> None:
    """Print the closing table: of one training, or of several seeds with mean and sd."""
    last = results[-1]
    table = Table(show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    for seed in results if len(results) > 1 else []:
        table.add_row(f"seed {seed['seed']}", closing_table.error_of(seed))
    table.add_section()
    for name, value in closing_table.closing_rows(results, summary):
        table.add_row(_escape(name), value)
    if last["epochs"]:
        table.add_row("training", f"{summary['train_seconds']['mean']:.2f} s")
        table.add_row("compilation before it", f"{results[0]['compile_seconds']:.2f} s")
    else:
        table.add_row("training", "none")
    if "predict_seconds" in summary:
        predict = summary["predict_seconds"]["mean"]
        rate = last["test_images"] / predict
        table.add_row("prediction", f"{predict:.3f} s, {rate:,.0f} images/s")
    table.add_row("parameters", f"{last['parameters']:,}")
    console.print(table)
    if last.get("learners"):
        _show_baselines(results)
    if "outputs" in last:
        numbers.show_regression(console, last, summary)
    console.print(f"results   {folder}", soft_wrap=True)
    address = "http://127.0.0.1:5000/#/experiments?workflowType=machine_learning"
    own = f"{ui_command()}, then open {address}"
    there = "in the MLflow UI of tracking.uri"  # itself may hold a password
    console.print(f"compare   {own if uri is None else there}", soft_wrap=True)


def working(text: str) -> AbstractContextManager[Any]:
    """Show that something takes its time, until what is returned is closed; on a line in a file."""
    if console.is_terminal:
        return console.status(_escape(text))
    console.print(_escape(text), soft_wrap=True)
    return nullcontext()


def show_origin(network: Path, taken: str, datasets: tuple[str | None, str]) -> None:
    """Say what a training goes on from, what of it is taken over, and from which data to which."""
    here = network.is_relative_to(Path.cwd())
    name = _escape(str(network.relative_to(Path.cwd()) if here else network))
    there, now = datasets
    other = f"; it was trained on {there}, and this is {now}" if there not in (None, now) else ""
    console.print(f"goes on   from {name}: {taken}{other}", soft_wrap=True)


def show_text(path: Path) -> None:
    """Print a text that a figure wrote, where the terminal is wide enough for its lines."""
    text = path.read_text(encoding="utf-8").rstrip()
    if max(map(len, text.splitlines()), default=0) <= console.width:
        console.print(text, markup=False)


def say(text: str, end: str = "\n") -> None:
    """Print what is being done; with another `end`, its line goes on."""
    console.print(_escape(text), end=end, soft_wrap=True)


def show_sweep(name: str, folder: Path) -> None:
    """Say which sweep starts or goes on, and where."""
    console.print(f"[bold]sweep {_escape(name)}[/] in {folder}", soft_wrap=True)


def show_start(job: str) -> None:
    """Say that a job of a sweep starts."""
    console.print(f"[cyan]started[/]   {_escape(job)}", soft_wrap=True)


def show_skipped(job: str) -> None:
    """Say that a job was finished before."""
    console.print(f"[dim]finished before  {_escape(job)}[/]")


def show_outcome(job: str, status: str, summary: dict[str, Any], error: str) -> None:
    """Say how a job of a sweep ended."""
    objective = objective_of(summary)
    numbers = [
        f"{split} {objective.title} {objective.text(spread['mean'])}"
        for split, spread in objective_values(summary).items()
    ]
    color = {"finished": "green", "pruned": "yellow"}.get(status, "bold red")
    said = _escape(", ".join(numbers) or error)
    console.print(f"[{color}]{status}[/]  {_escape(job)}  {said}", soft_wrap=True)


def show_stop(failures: int) -> None:
    """Say that too many jobs have failed to go on."""
    console.print(f"sweep.max_failures={failures} reached: no other job is started")


def show_error(message: str) -> None:
    """Print what went wrong, on one line."""
    errors.print(f"[bold red]error:[/] {_escape(' '.join(message.split()))}", soft_wrap=True)


def _show_baselines(results: list[dict[str, Any]]) -> None:
    header, *rows = baselines.baseline_rows(results)
    console.print(f"[bold]{baselines.baseline_title(results)}[/]")
    table = Table(box=SIMPLE_HEAD)
    for column in header:
        table.add_column(column, justify="right" if column else "left", no_wrap=not column)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _one_line(key: str, value: Any) -> str:
    if key == "dataset":
        shown = ("train_size", "validation_fraction")
        parts = [f", {name}={value[name]}" for name in shown if value.get(name)]
        return f"{value['title']}{''.join(parts)}"
    if not isinstance(value, dict):
        return str(value)
    if key == "figures":
        return ", ".join(value)
    if "_target_" in value:
        options = {name: item for name, item in value.items() if name != "_target_"}
        return f"{value['_target_'].rpartition('.')[2]}({_options(options)})"
    if all(isinstance(item, dict) for item in value.values()):
        return ", ".join(f"{_one_line(name, item)}" for name, item in value.items()) or "none"
    return _options(value)


def _options(options: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in options.items())


def _escape(text: str) -> str:

    return escape(text)
