"""The command `python -m runner.report`: tables of sweeps, comparisons, ensembles."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runner.base.command import Parser, run_command
from runner.base.console import say, show_table
from runner.base.errors import ConfigurationError, StoreError
from runner.base.language import errors_in
from runner.base.option_types import LANGUAGES, Language
from runner.run.run_page import write_run_page
from runner.sweeps.report.comparison_language import language_in
from runner.sweeps.report.job_comparison import compare_jobs
from runner.sweeps.report.run_comparison import compare_runs
from runner.sweeps.report.run_ensemble import assemble
from runner.sweeps.report.sweep_language import PHRASES
from runner.sweeps.report.sweep_report import write_report
from runner.tracking.run_finder import OUTPUTS, existing_stores, find_run
from runner.tracking.run_store import RunStore, StoredRun, SweepTags
from runner.tracking.sweep_records import runs_of_sweep, sweeps

_DESCRIPTION = """\
Runs are named by folder, name or id. After python -m runner.report:

                   list the sweeps
  SWEEP            table and figures of a sweep, as it stands
  compare A B      is B better than A?
  compare SWEEP    are its jobs worse than the best one?
  ensemble A B ..  their ensemble, from stored predictions
  html RUN|SWEEP   its page, report.html, for one of an earlier version
"""
_ENSEMBLES = """\
compare what the networks of A say together with what those of B do; A and B may be several runs
each, with commas between them"""


def main() -> int:
    """Run the command, and return the exit code."""
    return run_command(_report)


def _report(arguments: Sequence[str]) -> bool:
    parser = Parser(
        prog="python -m runner.report",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="*", help="see above; without it, all sweeps")
    parser.add_argument("--uri", help="of the store of runs; otherwise what is in outputs/")
    parser.add_argument("--error", choices=("validation", "test"), help="compared; default test")
    parser.add_argument("--language", choices=LANGUAGES, help="default that of the run")
    parser.add_argument("--ensembles", action="store_true", help=_ENSEMBLES)
    parsed = parser.parse_args(arguments)
    if parsed.ensembles and parsed.what[:1] != ["compare"]:
        raise ConfigurationError("--ensembles belongs to: compare A B")
    if parsed.what[:1] == ["html"]:
        _write_page(parsed.what[1:], parsed.uri, parsed.language)
    else:
        _run(parsed)
    return True


def _run(parsed: argparse.Namespace) -> None:
    what, kind, uri, language = parsed.what, parsed.error or "test", parsed.uri, parsed.language
    match what:
        case []:
            _list(uri, language)
        case ["compare", first, second]:
            averaged = parsed.ensembles
            compare_runs(first, second, kind, uri, averaged=averaged, language=language)
        case ["compare", sweep]:
            compare_jobs(*_find_sweep(sweep, uri), kind, language)
        case ["ensemble", *members] if members:
            _ensemble(members, uri, language)
        case [sweep]:
            _write_sweep(sweep, uri, language)
        case _:
            raise ConfigurationError(
                f"{' '.join(what)}: expected SWEEP, compare A B, compare SWEEP, ensemble A B, or "
                "html RUN"
            )


def _list(uri: str | None, language: Language | None) -> None:
    listed = _sweeps(uri)
    for store, run in listed:
        name = run.tags["sweep"]
        status = PHRASES.words(run.status.lower(), language or _language_of(store, name))
        say(f"{name}  {status}  {run.tags['command']}")
    if not listed:
        say(f"no sweep in {uri or OUTPUTS}; python -m runner -m ... makes one")


def _write_sweep(sweep: str, uri: str | None, language: Language | None) -> None:
    store, run = _find_sweep(sweep, uri)
    name, folder = run.tags["sweep"], Path(run.tags["folder"])
    language = language or _language_of(store, name)
    with errors_in(language):
        write_report(store, name, folder, {}, language)
    say(f"{PHRASES.words('written to', language)} {folder}")


def _language_of(store: RunStore, sweep: str) -> Language:
    """Return the language of the first job that has a folder; English where none has."""
    jobs = (run for run in runs_of_sweep(store, sweep) if run.level == "job")
    return language_in(next(filter(None, (job.folder for job in jobs)), None))


def _find_sweep(sweep: str, uri: str | None) -> tuple[RunStore, StoredRun]:
    name = Path(sweep).name
    stored = {run.tags["sweep"]: (store, run) for store, run in _sweeps(uri)}
    if name not in stored:
        listed = ", ".join(stored) or "none"
        raise ConfigurationError(f"{sweep}: no such sweep; there are: {listed}")
    return stored[name]


def _write_page(words: Sequence[str], uri: str | None, language: Language | None) -> None:
    """Write the page of a sweep or of a run, and log it with the run."""
    if len(words) != 1:
        raise ConfigurationError(f"html {' '.join(words)}: expected one run or sweep")
    if _is_sweep(words[0], uri):
        _write_sweep(words[0], uri, language)
        return
    found = find_run(words[0], uri)
    if found.folder is None:
        raise ConfigurationError(f"{found.name}: its folder is not on this machine; name another")
    tags = found.stored.tags if found.stored is not None else {}
    sweep = None
    if found.stored is not None and "sweep" in tags:
        sweep = SweepTags(tags["sweep"], tags.get("job", ""), choices=found.stored.choices)
    page = write_run_page(found.folder, sweep, language)
    say(f"{PHRASES.words('written to', language or language_in(found.folder))} {page}")
    if found.store is not None and found.stored is not None:
        found.store.add_figures(found.stored.run_id, [page], "page")


def _is_sweep(word: str, uri: str | None) -> bool:
    """Tell whether a word names a sweep; where a store does not answer, a run has its page, too."""
    for store in existing_stores(uri):
        with suppress(StoreError):
            if Path(word).name in {run.tags["sweep"] for run in sweeps(store)}:
                return True
    return False


def _sweeps(uri: str | None) -> list[tuple[RunStore, StoredRun]]:
    return [(store, run) for store in existing_stores(uri) for run in sweeps(store)]


def _ensemble(members: list[str], uri: str | None, language: Language | None) -> None:
    ensemble = assemble(members, uri)
    language = language or language_in(ensemble.members[0].run.folder)
    header, *rows = ensemble.rows()
    of_members = PHRASES.rows(rows[: len(ensemble.members)], language)
    others = [
        [PHRASES.value(cell, language) for cell in row] for row in rows[len(ensemble.members) :]
    ]
    show_table([PHRASES.words(cell, language) for cell in header], of_members + others, whole=0)
    say(f"{PHRASES.words('logged as run', language)} {ensemble.track(uri)}")
