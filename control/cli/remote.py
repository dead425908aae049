"""The admin API as the command line calls it, over the standard library's HTTP client.

Nothing heavier is imported here: a rollback must start at once.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import quote, urlsplit

import click

from control.cli.outcome import Refusal, TimedOut, Unreachable
from control.cli.safe import printable

CONNECT_S = 5.0
ANSWER_S = 30.0
LARGEST_ANSWER = 64 * 1024 * 1024
HINT = "is crossfade serve running? --url or CROSSFADE_URL says where"

Dial = Callable[[], HTTPConnection]


class Remote:
    """One control plane, by its URL; every call is a connection of its own."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url
        self._token = token
        self._dial, self._prefix = _dialled(url)

    def get(self, path: str) -> object:
        """The JSON that a path answers with."""
        return self._call("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> object:
        """The JSON that a verb answers with."""
        return self._call("POST", path, body)

    def put(self, path: str, body: Mapping[str, object]) -> object:
        """The JSON that an apply answers with."""
        return self._call("PUT", path, body)

    def greet(self, within_s: float) -> None:
        """Returns once the process there says anything. Raises Unreachable or TimedOut else."""
        self._exchange("GET", "/healthz", None, connect_s=within_s, answer_s=within_s)

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> object:
        status, raw = self._exchange(method, path, body)
        try:
            answer: object = json.loads(raw)
        except ValueError:
            raise Unreachable(
                f"{self.url} answered {status} without JSON: it is no crossfade admin API"
            ) from None
        if status >= 400:
            raise _refusal(status, answer)
        return answer

    def _exchange(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        connect_s: float = CONNECT_S,
        answer_s: float = ANSWER_S,
    ) -> tuple[int, bytes]:
        with closing(self._dial()) as connection:
            connection.timeout = connect_s
            try:
                connection.connect()
            except OSError as error:
                raise Unreachable(f"cannot reach {self.url}: {_why(error)} ({HINT})") from error
            connection.sock.settimeout(answer_s)
            try:
                connection.request(
                    method,
                    self._prefix + path,
                    None if body is None else json.dumps(body).encode(),
                    self._headers(body is not None),
                )
                answer = connection.getresponse()
                return answer.status, _bounded(answer)
            except TimeoutError as error:
                raise TimedOut(f"no answer from {self.url} within {answer_s:g} s") from error
            except (OSError, HTTPException) as error:
                raise Unreachable(f"{self.url} broke off: {_why(error)}") from error

    def _headers(self, has_body: bool) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if has_body:
            headers["Content-Type"] = "application/json"
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers


def migration(name: str, *rest: str) -> str:
    """The path of a migration, or of something under it."""
    return "/".join(["/api/migrations", quote(name, safe=""), *rest])


def _dialled(url: str) -> tuple[Dial, str]:
    """How to connect to a URL, and the prefix of its paths. Refuses what is no such URL."""
    if url.startswith("unix:/"):
        return partial(_SocketConnection, url.removeprefix("unix:")), ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.username or parts.query or parts.scheme not in ("http", "https"):
        raise click.UsageError("--url is http://HOST:PORT, https://HOST:PORT or unix:/path")
    if parts.scheme == "http":
        return partial(HTTPConnection, host, port), parts.path.rstrip("/")
    verified = ssl.create_default_context()
    dial = partial(HTTPSConnection, host, port, context=verified)
    return dial, parts.path.rstrip("/")


class _SocketConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _bounded(answer: HTTPResponse) -> bytes:
    raw = answer.read(LARGEST_ANSWER + 1)
    if len(raw) > LARGEST_ANSWER:
        raise HTTPException("the answer is larger than 64 MiB")
    if answer.length:
        raise HTTPException("the answer is incomplete")
    return raw


def _why(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return printable(text or type(error).__name__)


def _refusal(status: int, answer: object) -> Refusal | Unreachable:
    match answer:
        case {"error": {"message": str(message), "problems": [*problems]}}:
            return Refusal("\n".join([message, *(f"  {problem}" for problem in problems)]))
        case {"error": {"message": str(message)}}:
            return Refusal(message)
        case _:
            return Unreachable(f"the control plane answered {status} in an unknown shape")
