"""What ends a command that is interrupted while it is imported, in one line instead of a traceback.

The modules that commands start with import this one first; `runner.base.command` takes over.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from runner.base.program_files import is_program

INTERRUPTED = 130
"""Exit code."""


def end_at_once(number: int, frame: FrameType | None) -> None:
    """End the process: nothing has been begun, and an exception might be caught by an import."""
    del number, frame
    os.write(2, b"error: interrupted\n")
    os._exit(INTERRUPTED)


def leave_to_command() -> None:
    """Let interruptions be exceptions again."""
    if signal.getsignal(signal.SIGINT) is end_at_once:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _starts_the_process() -> bool:
    """Tell whether this process is a command that starts; not one that is imported elsewhere.

    The processes of a sweep have the command line of their parent, and another main module.
    """
    started = getattr(sys.modules["__main__"], "__file__", None)
    return started == sys.argv[0] and is_program()


if _starts_the_process() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, end_at_once)  # where it is ignored, as in a script, it stays so
