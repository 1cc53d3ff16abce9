"""Where the journals of all runs lie that were started with the same outputs folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from runner.base.atomic_files import write_text
from runner.tracking.journal import FOLDER, Journal


class JournalIndex:
    """A folder with a file for each run, called as its key and its id, that names its journal.

    Args:
        outputs: whose `.tracking/` is the folder.
        uri: of the store.
    """

    def __init__(self, outputs: Path, uri: str | None) -> None:
        self.folder, self._uri = outputs.resolve() / FOLDER, uri

    def add(self, key: str, folder: str | None) -> Journal:
        """Return the journal of a new run, in the folder of the run if it has one."""
        parent = Path(folder) / FOLDER if folder else self.folder
        journal = Journal(parent / f"{key}.jsonl")
        self.name(journal, key)
        return journal

    def name(self, journal: Journal, run_id: str) -> None:
        """Make a journal known by its key, or by the id that the store gave the run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self.folder / run_id, f"{journal.path}\n")

    def find(self, run_id: str) -> Journal | None:
        """Return the journal of a run by its key or id, or None."""
        journal = self._named(self.folder / run_id) if run_id else None
        return journal if journal is not None and journal.is_begun else None

    def id_of(self, key: str | None) -> str | None:
        """Return the id that the store gave a run, by its key; everything else as it is."""
        journal = self.find(key) if key else None
        return journal.run_id if journal else key

    def journals(self) -> list[Journal]:
        """Return the journals of all runs in the store, in the order in which they were opened."""
        return [one for one in self.of_all_stores() if one.opening.options["uri"] == self._uri]

    def unsent(self) -> list[Journal]:
        """Return the journals that the store does not have as a whole."""
        unsent = _in_order(journal for journal in self._all() if not journal.is_sent)
        return [journal for journal in unsent if journal.opening.options["uri"] == self._uri]

    def of_all_stores(self) -> list[Journal]:
        """Return the journals of all runs, in the order in which they were opened."""
        return _in_order(self._all())

    def _all(self) -> Iterable[Journal]:
        names = self.folder.iterdir() if self.folder.is_dir() else ()
        found = (self._named(path) for path in names if "." not in path.name)
        return {journal.key: journal for journal in found if journal is not None}.values()

    @staticmethod
    def _named(name: Path) -> Journal | None:
        try:
            journal = Journal(Path(name.read_text(encoding="utf-8").strip()))
        except (FileNotFoundError, IsADirectoryError):
            return None
        return journal if journal.path.is_file() else None


def _in_order(journals: Iterable[Journal]) -> list[Journal]:
    begun = [journal for journal in journals if journal.is_begun]
    return sorted(begun, key=lambda journal: journal.opening.time)
