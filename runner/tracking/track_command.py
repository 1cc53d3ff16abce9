"""The command `runner track`: send what the store of runs does not have yet."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.base.command import Parser, run_command
from runner.base.console import say
from runner.base.errors import ConfigurationError, RunnerError, StoreError
from runner.base.program_files import command_name
from runner.tracking.journal import FOLDER, Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import end_dead, send
from runner.tracking.mlflow_store import MlflowStore
from runner.tracking.run_finder import OUTPUTS

_DESCRIPTION = """\
Send what runs have logged and their store does not have, as it did not answer at the time. Nothing
is sent twice.

  {name}                               all runs that were started in this folder
  {name} outputs/2026-11-25/10-20-30-lenet-mnist
  {name} outputs --all                 everything again, into a new or restored store"""


def main() -> int:
    """Run the command, and return the exit code."""
    return run_command(_track)


def _track(arguments: Sequence[str]) -> bool:
    parser = Parser(
        prog=(name := f"{command_name()} track"),
        description=_DESCRIPTION.format(name=name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, help="of a run, or above several"
    )
    parser.add_argument("--all", action="store_true", help="also what the store had before")
    parsed = parser.parse_args(arguments)
    journals = _journals(parsed.folder)
    if parsed.all:
        for journal in journals:
            journal.forget_sent()
    unsent = [journal for journal in journals if not journal.is_sent]
    say(f"{len(unsent)} of {len(journals)} runs to be sent")
    _send_all(unsent)
    return True


def _journals(folder: Path | None) -> list[Journal]:
    """Return the journals in a folder and those below it, parents before children."""
    if folder is not None and not folder.is_dir():
        raise ConfigurationError(f"{folder}: there is no such folder")
    if folder is None:
        return JournalIndex(OUTPUTS, None).of_all_stores()
    journals = [journal for journal in map(Journal, _files(folder)) if journal.is_begun]
    return sorted(journals, key=lambda journal: journal.opening.time)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of journals, in a folder where others may be deleting some."""
    for parent, _, names in os.walk(folder):
        if Path(parent).name == FOLDER:
            yield from (Path(parent, name) for name in names if name.endswith(".jsonl"))


def _send(journal: Journal, uri: str | None) -> None:
    """Send a journal; a slow store is asked again as long as it takes something."""
    while True:
        before = journal.sent
        try:
            send(journal, MlflowStore(OUTPUTS, uri), JournalIndex(OUTPUTS, uri))
        except StoreError:
            if journal.sent == before:
                raise
        else:
            return


def _send_all(journals: Sequence[Journal]) -> None:
    """Send journals; go on with the others after one that cannot be sent.

    Raises:
        StoreError: a store does not answer.
    """
    problems: dict[str, StoreError] = {}
    for journal in journals:
        uri = journal.opening.options["uri"]
        if uri in problems:
            continue
        end_dead(journal)
        entries = journal.unsent
        try:
            _send(journal, uri)
        except StoreError as error:
            problems[uri] = error
            continue
        say(f"sent      {entries} entries of run {journal.run_id}, {journal.folder}")
    left = [journal for journal in journals if not journal.is_sent]
    if problems:
        reasons = "; ".join(dict.fromkeys(map(str, problems.values())))
        raise StoreError(f"{len(left)} of the runs not sent: {reasons}")
    if left:
        raise RunnerError(f"{len(left)} of the runs go on, or are being sent by another process")
