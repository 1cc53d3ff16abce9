"""The command `python -m runner list`: the runs of this folder, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from runner.base.command import Parser, positive_int, run_command
from runner.base.console import say, show_table
from runner.base.errors import ConfigurationError
from runner.base.language import Phrases
from runner.base.objective import SPLITS, objective_of
from runner.base.option_types import Language
from runner.base.program_files import command_name
from runner.tracking.run_finder import OUTPUTS, existing_stores
from runner.tracking.run_store import StoredRun

_LISTED = 20
_HEADER = ("started", "status", "seeds", "test", "validation", "run")
_PHRASES = Phrases(
    {
        "started": "começou",
        "status": "estado",
        "seeds": "sementes",
        "test": "teste",
        "validation": "validação",
        "run": "execução",
        "finished": "terminou",
        "failed": "falhou",
        "killed": "morreu",
        "pruned": "podada",
        "running": "em curso",
        "and {} earlier ones; -n {} lists all": "e {} anteriores; -n {} lista todas",
    }
)


def main() -> int:
    """Print the runs, and return the exit code."""
    return run_command(_run)


def _run(arguments: Sequence[str]) -> bool:
    parser = Parser(
        prog=f"{command_name()} list",
        description="List runs, the newest first: name, errors, seeds, status, start.",
    )
    add = parser.add_argument
    add("words", metavar="WORD", nargs="*", help="only runs whose names contain all of these")
    add("-n", metavar="N", type=positive_int, default=_LISTED, help=f"runs; default: {_LISTED}")
    add("--language", choices=get_args(Language), default="en", help="of the table")
    add("--uri", help="of the store of runs; otherwise what is in outputs/")
    parsed = parser.parse_args(arguments)
    runs = _found(parsed.words, parsed.uri)
    if not runs:
        sought = " ".join(["no run", *parsed.words])
        raise ConfigurationError(f"{sought} in {parsed.uri or OUTPUTS}")
    language: Language = parsed.language
    header = [_PHRASES.words(word, language) for word in _HEADER]
    rows = [_row(run, language) for run in runs[: parsed.n]]
    show_table(header, rows, right=False, whole=5)
    if runs[parsed.n :]:
        earlier = f"and {len(runs) - parsed.n} earlier ones; -n {len(runs)} lists all"
        say(_PHRASES.words(earlier, language))
    return True


def _found(words: list[str], uri: str | None) -> list[StoredRun]:
    stored = [run for store in existing_stores(uri) for run in store.find({"level": "job"})]
    chosen = [run for run in stored if all(word in run.name for word in words)]
    return sorted(chosen, key=lambda run: run.started, reverse=True)


def _row(run: StoredRun, language: Language) -> list[str]:
    started = datetime.fromtimestamp(run.started).strftime("%m-%d %H:%M")
    finished = run.status == "FINISHED"
    errors = [_error(run, split) if finished else "" for split in SPLITS[::-1]]
    seeds = run.metrics.get("seeds", run.metrics.get("train_seconds.n", 1))
    status = "pruned" if run.tags.get("pruned") else run.status.lower()
    found = [status, f"{seeds:.0f}" if finished else "", *errors]
    return [started, *(_PHRASES.value(cell, language) for cell in found), run.name]


def _error(run: StoredRun, split: str) -> str:
    objective = objective_of(run.metrics)
    name = objective.metric_name(split)
    mean = run.metrics.get(f"{name}.mean", run.metrics.get(name))
    if mean is None:
        return ""
    sd = run.metrics.get(f"{name}.sd")
    return objective.text(mean) if sd is None else objective.mean_text(mean, sd)
