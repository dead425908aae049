"""Questions to one Redis: few at a time, each bounded, none asked twice, none cut in its middle."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha1
from typing import TypeAlias

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import (
    Connection,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as LinkLost
from redis.exceptions import TimeoutError as LinkSlow

from proxy.redis.address import Address

TIMEOUT_S = 0.25  # for one answer, and for one connection
LONGEST = 4  # times that: finding the master, connecting, logging in and one answer together
ROOM = 8

Word: TypeAlias = str | bytes | int


class Unreachable(Exception):
    """Redis cannot be asked, or does not do it; the text says why, without where or as whom."""


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script, which Redis keeps by its digest."""

    text: str

    @property
    def digest(self) -> str:
        """What Redis calls it."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class Link:
    """A pool of connections to one Redis; a connection, and an answer, may take `timeout_s`.

    A caller that is cancelled leaves its question to be answered all the same: a connection that is
    left in the middle of an answer would give it to the next one who asks (CVE-2023-28858).
    """

    def __init__(self, address: Address, *, timeout_s: float = TIMEOUT_S) -> None:
        self.timeout_s = timeout_s
        self._longest_s = timeout_s * LONGEST
        self._sentinel = _sentinel(address, timeout_s) if address.master else None
        self._client = _client(address, self._sentinel, timeout_s)
        self._room = asyncio.Semaphore(ROOM)
        self._asked: set[asyncio.Task[object]] = set()

    async def ask(self, *command: Word) -> object:
        """The answer to one command. Raises Unreachable: then a change is made, or is not."""
        return await self._kept(self._ask(command))

    async def run(self, script: Script, keys: Sequence[str], *arguments: Word) -> object:
        """What a script gives; one question, two where Redis does not know it yet."""
        return await self._kept(self._run(script, (len(keys), *keys, *arguments)))

    def pubsub(self) -> PubSub:
        """A connection of its own, for hints; whoever takes it translates its errors."""
        return self._client.pubsub()

    async def close(self) -> None:
        """Waits for what is still being asked, and lets go."""
        if self._asked:
            await asyncio.wait(self._asked)
        await self._client.connection_pool.aclose()
        if self._sentinel is not None:
            await self._sentinel.aclose()

    async def _kept(self, asking: Awaitable[object]) -> object:
        task = asyncio.ensure_future(asking)
        assert isinstance(task, asyncio.Task)
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        return await asyncio.shield(task)

    async def _run(self, script: Script, arguments: Sequence[Word]) -> object:
        try:
            return await self._ask(("EVALSHA", script.digest, *arguments))
        except Unreachable as error:
            if not isinstance(error.__cause__, NoScriptError):
                raise
        return await self._ask(("EVAL", script.text, *arguments))

    async def _ask(self, command: Sequence[Word]) -> object:
        try:
            async with asyncio.timeout(self._longest_s), self._room:
                answer: object = await self._client.execute_command(*command)  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            if _demoted(error):
                await self._leave_master()
            raise Unreachable(said(error)) from error
        return answer

    async def _leave_master(self) -> None:
        """What is connected leads to a replica: connect anew, and ask the Sentinels first."""
        with suppress(RedisError, OSError):
            await self._client.connection_pool.disconnect(inuse_connections=False)


def said(error: Exception) -> str:
    """What went wrong, in words for operators; no address, no name, nothing of a question."""
    match error:
        case LinkSlow() | TimeoutError():
            return "Redis does not answer"
        case AuthenticationError():
            return "Redis refuses the name or the password"
        case NoPermissionError():
            return "Redis does not permit this user what crossfade needs"
        case BusyLoadingError():
            return "Redis is still loading its data"
        case LinkLost():
            return _lost(error)
        case _ if _demoted(error):
            return "Redis is a replica: its master is elsewhere"
        case ResponseError():
            return f"Redis answers with an error: {_code(error)}"
        case _:
            return "Redis cannot be reached"


def _lost(error: Exception) -> str:
    causes = (error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "Redis cannot be trusted: its certificate does not hold"
    return "Redis cannot be reached"


def _code(error: ResponseError) -> str:
    """The code alone: the rest of a text may repeat what was sent."""
    first = str(error).partition(" ")[0]
    return first if re.fullmatch(r"[A-Z]{1,32}", first) else "ERR"


def _demoted(error: Exception) -> bool:
    # Within a script, Redis 6.2 says so somewhere in the text.
    return isinstance(error, ReadOnlyError) or "READONLY" in str(error)


def _client(address: Address, sentinel: Sentinel | None, timeout_s: float) -> Redis:
    if sentinel is not None:
        found: Redis = sentinel.master_for(address.master or "")
        return found
    return Redis(connection_pool=_pool(address, timeout_s))


def _pool(address: Address, timeout_s: float) -> ConnectionPool:
    options = _options(address, timeout_s)
    if address.socket is not None:
        return ConnectionPool(UnixDomainSocketConnection, path=address.socket, **options)  # type: ignore[arg-type]
    ((host, port),) = address.hosts
    kind = SSLConnection if options.pop("ssl", False) else Connection
    return ConnectionPool(kind, host=host, port=port, **options)  # type: ignore[arg-type]


def _sentinel(address: Address, timeout_s: float) -> Sentinel:
    password = address.sentinel_password
    options = _common(address, timeout_s) | {
        "password": None if password is None else password.reveal()
    }
    hosts = list(address.hosts)
    return Sentinel(hosts, sentinel_kwargs=options, **_options(address, timeout_s))  # type: ignore[no-untyped-call]


def _options(address: Address, timeout_s: float) -> dict[str, object]:
    password = address.password
    return _common(address, timeout_s) | {
        "db": address.database,
        "username": address.username,
        "password": None if password is None else password.reveal(),
    }


def _common(address: Address, timeout_s: float) -> dict[str, object]:
    """RESP 2 and no driver's name: a connection costs no question but AUTH and SELECT."""
    options: dict[str, object] = {
        "protocol": 2,
        "driver_info": None,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
    }
    if address.tls:
        trust = address.trust
        options |= {
            "ssl": True,
            "ssl_min_version": ssl.TLSVersion.TLSv1_2,
            "ssl_ca_certs": None if trust.ca_file is None else str(trust.ca_file),
            "ssl_certfile": None if trust.cert_file is None else str(trust.cert_file),
            "ssl_keyfile": None if trust.cert_key_file is None else str(trust.cert_key_file),
        }
    return options
