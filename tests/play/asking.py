"""A browser's requests, sent to the web application without a network or a process."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


def request(
    app: Any,
    path: str,
    body: bytes | Iterable[bytes] = b"",
    method: str = "POST",
    **headers: str,
) -> Answer:
    """Send a request in chunks, and return the answer."""
    chunks = iter([body] if isinstance(body, bytes) else body)
    sent: list[dict[str, Any]] = []
    named = {"host": "127.0.0.1:8000"} | headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.partition("?")[0],
        "raw_path": path.encode(),
        "query_string": path.partition("?")[2].encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "server": ("127.0.0.1", 8000),
    }

    async def receive() -> dict[str, Any]:
        chunk = next(chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start = sent[0]
    pairs = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], pairs, b"".join(each.get("body", b"") for each in sent[1:]))
