"""The web server of the page: what it serves, to whom, and how much it takes."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runner.base.errors import RunnerError, one_line
from runner.base.lazy import starlette
from runner.datasets.picture_files import refusing_bombs
from runner.play.play_errors import PlayError

Handler = Callable[[bytes], "dict[str, Any]"]

LARGEST_REQUEST = 24 * 1024 * 1024
"""Bytes; the photographs of most phones have less."""

_PAGE = Path(__file__).with_name("page")
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_HOSTS = ("127.0.0.1", "localhost")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_log = logging.getLogger(__name__)


def play_app(handlers: Mapping[str, Handler], close: Callable[[], None]) -> Any:
    """Return the web application.

    Only the files of the page and the handlers can be asked for; only by a page of this server, so
    that no other website that is open in the browser reaches them.

    Args:
        handlers: by name, from the body of a request to its answer.
        close: called when the server ends.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        del app
        with refusing_bombs():
            yield
        close()

    files = {f"/{path.name}": path for path in _PAGE.iterdir() if path.suffix in _KINDS}
    routes = [_file_route(address, path) for address, path in files.items()]
    routes.append(_file_route("/", files["/index.html"]))
    routes += [_api_route(f"/api/{name}", handler) for name, handler in handlers.items()]
    return starlette.applications.Starlette(routes=routes, lifespan=lifespan)


def _file_route(address: str, path: Path) -> Any:
    async def serve(request: starlette.requests.Request) -> Any:
        try:
            _check_asker(request.headers)
        except PlayError as error:
            return _refusal(error.code, str(error), error.status)
        kind = _KINDS[path.suffix]
        return starlette.responses.Response(path.read_bytes(), media_type=kind, headers=_HEADERS)

    return starlette.routing.Route(address, serve)


def _api_route(address: str, handler: Handler) -> Any:
    async def serve(request: starlette.requests.Request) -> Any:
        try:
            _check_asker(request.headers)
            content = await _body(request)
            answer = await starlette.concurrency.run_in_threadpool(handler, content)
            return starlette.responses.JSONResponse(answer, headers=_HEADERS)
        except PlayError as error:
            return _refusal(error.code, str(error), error.status)
        except RunnerError as error:
            return _refusal("failed", one_line(error), 400)
        except Exception as error:  # noqa: BLE001 - whatever one request brings about, others are answered
            _log.exception("%s", address)
            return _refusal("failed", one_line(error), 500)

    return starlette.routing.Route(address, serve, methods=["POST"])


def _refusal(code: str, message: str, status: int) -> Any:
    content = {"error": message, "code": code}
    return starlette.responses.JSONResponse(content, status, headers=_HEADERS)


def _check_asker(headers: Mapping[str, str]) -> None:
    """Refuse what is asked by the page of another website, or under its name."""
    host, origin = headers.get("host", ""), headers.get("origin")
    if host.partition(":")[0] not in _HOSTS:
        raise PlayError("foreign", f"asked as {host[:80]}", 403)
    if origin is not None and urlsplit(origin).netloc != host:
        raise PlayError("foreign", f"asked by a page of {origin[:80]}", 403)


async def _body(request: starlette.requests.Request) -> bytes:
    """Read a request; stop as soon as it is too large."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_REQUEST:
            raise PlayError("too-large", f"more than {LARGEST_REQUEST >> 20} MB", 413)
    return bytes(content)
