"""Errors that the page says in its own language."""

from __future__ import annotations

from runner.base.errors import RunnerError


class PlayError(RunnerError):
    """A request that cannot be answered.

    Attributes:
        code: by which the page finds the text in its language.
        status: of the HTTP answer.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status
