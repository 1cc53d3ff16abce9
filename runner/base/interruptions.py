"""Interruptions of a command, Ctrl-C or SIGTERM, whatever a library makes of them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_heard: list[int] = []
"""Numbers of the signals that have interrupted the command."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, which stays ignored where a shell wants that."""
    _heard.clear()
    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, _interrupt)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptions_kept() -> Iterator[None]:
    """Raise KeyboardInterrupt where an interruption has become another error.

    TensorFlow calls Python while it traces a function, and loses the exception now and then:
    `SystemError: Objects/listobject.c:338: bad argument to internal function`.
    """
    try:
        yield
    except Exception as error:
        if _heard:
            raise KeyboardInterrupt from error
        raise


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    _heard.append(number)
    raise KeyboardInterrupt
