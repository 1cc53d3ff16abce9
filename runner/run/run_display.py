"""Output of a run on the terminal: configuration, initial network, table of results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from runner.base.console import broken, console, say, show_table
from runner.base.device import Device
from runner.base.option_types import Items, Language
from runner.config.dataset_titles import title_in_language
from runner.config.run_config import Config
from runner.run import closing_table, regression_tables
from runner.run.job import Job
from runner.run.logged_parameters import logged_parameters
from runner.run.table_language import (
    baselines_in_language,
    in_language,
    value_in_language,
)
from runner.run.teachers import Teachers

SECTION = "---"
"""Name of a row that stands for a line between others."""

_LABEL = 11
"""Characters before the texts of a configuration."""


def show_configuration(config: Config, device: Device) -> None:
    """Print the name of a run, its data, what was chosen and changed, and the device."""
    parameters = logged_parameters(config)
    values = {key: value for key, value in parameters.items() if key != "dataset"}
    values |= {"seeds": len(config.all_seeds)} if len(config.all_seeds) > 1 else {}
    lines = {
        "run": broken(config.tracking.run_name, console.width - _LABEL),
        "data": title_in_language(config.dataset.title, config.language),
        "with": " ".join(f"{key}={_compact(value)}" for key, value in values.items()),
        "device": _device_text(device, config.language),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold cyan", no_wrap=True, width=_LABEL - 2)
    table.add_column(overflow="fold")
    for label, text in lines.items():
        table.add_row(in_language(label, config.language), escape(text))
    console.print(table)


def show_resumed(job: Job) -> None:
    """Print which run goes on, how it ended, and in which folder."""
    language, stored = job.config.language, job.interrupted
    failed = stored is not None and stored.status == "FAILED"
    ending = in_language("failed" if failed else "interrupted", language)
    name = stored.name if stored else job.config.tracking.run_name
    say(f"{in_language('resumes', language):9} {name} ({ending}), {job.folder}")


def not_drawn_text(not_drawn: dict[str, str], language: Language) -> str:
    """Return which figures are not drawn, and why.

    Args:
        not_drawn: the reason by name.
        language: of the text.
    """
    figures: dict[str, list[str]] = {}
    for name, reason in not_drawn.items():
        figures.setdefault(in_language(reason, language), []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in figures.items())


def show_results(
    reports: list[dict[str, Any]],
    summary: dict[str, Any],
    items: Items,
    language: Language,
) -> None:
    """Print the results of one training, or of several seeds with mean and sd.

    Args:
        reports: `report.json` of each seed.
        summary: of the reports.
        items: what the examples are called.
        language: of the output.
    """
    last = reports[-1]
    table = Table(show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in result_rows(reports, summary, items):
        if name == SECTION:
            table.add_section()
        else:
            table.add_row(escape(in_language(name, language)), value_in_language(value, language))
    console.print(table)
    if last.get("learners"):
        _show_baselines(reports, language)
    if "outputs" in last:
        regression_tables.show_regression(console, last, summary, language)


def show_whereabouts(folder: Path, lines: dict[str, str], language: Language) -> None:
    """Print where a run is; an address wider than the terminal has a line alone, to be clicked.

    Args:
        folder: with its files.
        lines: further label and text: figures, commands, addresses.
        language: of the output.
    """
    here = folder.is_relative_to(Path.cwd())
    first = {"results": str(folder.relative_to(Path.cwd()) if here else folder)}
    for label, text in (first | lines).items():
        line = f"{in_language(label, language):9} {text}"
        alone = "://" in text and len(line) > console.width
        say(line.replace(f" {text}", f"\n{text}") if alone else line)


def result_rows(
    reports: list[dict[str, Any]], summary: dict[str, Any], items: Items
) -> Iterator[closing_table.ClosingRow]:
    """Yield the rows of the table of results, and SECTION where a line separates them."""
    last = reports[-1]
    for seed in reports if len(reports) > 1 else []:
        yield f"seed {seed['seed']}", closing_table.error_text(seed)
    yield SECTION, ""
    yield from closing_table.closing_rows(reports, summary, items)
    trained = bool(last["epochs"])
    yield "training", f"{summary['train_seconds']['mean']:.2f} s" if trained else "none"
    if trained:
        yield "compilation before it", f"{reports[0]['compile_seconds']:.2f} s"
    if "predict_seconds" in summary:
        predict = summary["predict_seconds"]["mean"]
        yield "prediction", f"{predict:.3f} s, {last['test_images'] / predict:,.0f} {items}/s"
    yield "parameters", f"{last['parameters']:,}"


def show_init_from(network: Path, taken: str, datasets: tuple[str | None, str]) -> None:
    """Print which network a training starts from.

    Args:
        network: its file.
        taken: description of the parts that are used, such as weights.
        datasets: that it was trained on, if known, and that it is trained on now.
    """
    here = network.is_relative_to(Path.cwd())
    name = escape(str(network.relative_to(Path.cwd()) if here else network))
    there, now = datasets
    other = f"; it was trained on {there}, and this is {now}" if there not in (None, now) else ""
    console.print(f"goes on   from {name}: {taken}{other}", soft_wrap=True)


def show_teachers(teachers: Teachers, language: Language) -> None:
    """Print which networks a training learns from."""
    several, text = len(teachers.networks), str(teachers.first.network)
    if several > 1:
        text = f"{in_language(f'{several} networks', language)}, {teachers.name}"
    say(f"{in_language('learns of', language):9} {text}")


def _show_baselines(reports: list[dict[str, Any]], language: Language) -> None:
    title, header, rows = baselines_in_language(reports, language)
    console.print(f"[bold]{escape(title)}[/]", soft_wrap=True)
    show_table(header, rows)


def _device_text(device: Device, language: Language) -> str:
    """Return the device and why it was chosen; the name of a processor is no text of ours."""
    name = ", ".join(in_language(part, language) for part in device.name.split(", "))
    return f"{name} ({in_language(device.reason, language)})"


def _compact(value: Any) -> str:
    return str(value).replace(" ", "")
