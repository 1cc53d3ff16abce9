"""The journal of a run: all that it logs, in order, beside its files, for a store that may fail.

A line of `FOLDER/.tracking/KEY.jsonl` is one call of `runner.tracking.open_run.OpenRun`, and when
it was made. `KEY.sent` says how much of it the store has. A call can be sent twice without harm, so
that it does not matter where sending was interrupted.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from runner.base.atomic_files import replacing, write_text

FOLDER = ".tracking"
OPEN = "open"
"""The call that a journal begins with."""


@dataclass(frozen=True)
class Entry:
    """One call.

    Attributes:
        call: name of a method of `runner.tracking.mlflow_run.MlflowRun`, or `open`.
        options: of the call, in plain containers; paths are relative to the folder of the run.
        time: when it was made, in seconds since 1970.
        end: size of the journal up to here, in bytes.
    """

    call: str
    options: dict[str, Any]
    time: float
    end: int


class Journal:
    """The journal of one run.

    Args:
        path: of its file.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.key = path, path.stem
        self.folder = path.parent.parent
        self._opening: Entry | None = None

    def append(self, call: str, **options: Any) -> bytes:
        """Write a call; it is there as a whole or, for example on a full disk, not at all.

        Returns:
            its line.

        Raises:
            FileNotFoundError: the journal was deleted; only the call that opens it begins it.
            OSError: it cannot be written.
        """
        content = {"time": time.time(), "call": call, "options": options}
        line = f"{json.dumps(content)}\n".encode()
        if call == OPEN:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()
        with open(self.path, "ab", buffering=0, opener=_existing) as file:
            end = self._whole(file.tell())
            if file.tell() != end:  # the process before was killed while it wrote
                file.truncate(end)
            if file.write(line) != len(line):
                file.truncate(end)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        return line

    def restore(self, lines: bytes) -> None:
        """Write a journal that was deleted anew: what the store has of it is the same part again.

        Raises:
            OSError: it cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as part:
            part.write_bytes(lines)

    def lines(self) -> bytes:
        """Return all complete lines."""
        content = self.path.read_bytes()
        return content[: content.rfind(b"\n") + 1]

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the calls from a byte on."""
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(start)
            for line in file:
                if not line.endswith(b"\n"):
                    return  # it is being written, or never was completed
                start += len(line)
                with suppress(ValueError):  # a damaged line takes no other one with it
                    content = json.loads(line)
                    yield Entry(content["call"], content["options"], content["time"], start)

    @property
    def is_begun(self) -> bool:
        """Whether it is there and begins as it should; from then on `opening` is known."""
        if self._opening is None:
            first = next(self.entries(), None)
            self._opening = first if first is not None and first.call == OPEN else None
        return self._opening is not None

    @property
    def opening(self) -> Entry:
        """The first call, which opened the run."""
        if not self.is_begun:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path))
        assert self._opening is not None
        return self._opening

    @property
    def sent(self) -> int:
        """Size of what the store has, in bytes."""
        return int(self._state().get("sent", 0))

    @property
    def run_id(self) -> str:
        """Id of the run in the store; before it is known, the key."""
        return str(self._state().get("run_id", self.key))

    @property
    def is_created(self) -> bool:
        """Whether the store has the run."""
        return "run_id" in self._state()

    @property
    def is_sent(self) -> bool:
        """Whether the store has all of it, or all that it can get: the rest may be deleted."""
        try:
            state = self._state()
            return "deleted" in state or state.get("sent", 0) >= self.path.stat().st_size
        except FileNotFoundError:
            return True

    @property
    def unsent(self) -> int:
        """Number of calls that the store does not have."""
        return sum(1 for _ in self.entries(self.sent))

    def note_sent(self, sent: int, run_id: str) -> None:
        """Note how much the store has."""
        self._write(self.path.with_suffix(".sent"), {"sent": sent, "run_id": run_id})

    def note_deleted(self) -> None:
        """Note that the store has deleted the run, and gets no more of it."""
        self._write(self.path.with_suffix(".sent"), self._state() | {"deleted": True})

    def forget_sent(self) -> None:
        """Forget that the store has anything of it."""
        self.path.with_suffix(".sent").unlink(missing_ok=True)

    @contextmanager
    def sending(self, seconds: float = 0) -> Iterator[bool]:
        """Lock it against others that would send it; yield whether that succeeded in time."""
        lock = FileLock(self.path.with_suffix(".lock"), timeout=seconds)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads(self.path.with_suffix(".sent").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return state

    def _whole(self, size: int) -> int:
        """Return the size up to the last complete line."""
        if not size:
            return 0
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) == b"\n":
                return size
        return self.path.read_bytes().rfind(b"\n") + 1

    @staticmethod
    def _write(path: Path, content: Mapping[str, Any]) -> None:
        write_text(path, json.dumps(dict(content)) + "\n")


def _existing(path: str, flags: int) -> int:
    """Open a file that is there."""
    return os.open(path, flags & ~os.O_CREAT)
