"""An admin API on a real socket, with a real desk behind it, and ways to call it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import msgspec

from control.api.facts import Facts, Readiness
from control.api.listener import AdminApi
from control.desk.drill import Drill
from control.desk.scoring import Scoring
from control.measures.follow import Follow
from control.notify import words
from control.notify.herald import Herald
from control.notify.message import Delivery
from control.roles import Role
from proxy.policy import Secret
from tests.control.office import Office, migration, office

READY = Readiness(snapshot_version=3, snapshot_age_s=0.25)


@dataclass(slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        """The error's code; the error has the one shape that all have."""
        return msgspec.convert(self.json, dict[str, dict[str, object]])["error"]["code"]  # type: ignore[return-value]


@dataclass(slots=True, kw_only=True)
class Service:
    """One API under test; `readiness` is what it is told of the process around it."""

    office: Office
    api: AdminApi
    address: str = ""
    readiness: Readiness = READY
    exposition: bytes = b"crossfade_snapshot_version 3\n"
    herald: Herald = field(
        default_factory=lambda: Herald({}, now_s=lambda: 1_790_000_000.0, clock=lambda: 0.0)
    )
    client: aiohttp.ClientSession = field(init=False)

    async def call(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; `json` makes a JSON body."""
        sent = dict(headers or {})
        if json is not None:
            data = msgspec.json.encode(json)
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        url = f"http://{self.address}{path}"
        async with self.client.request(method, url, data=data, headers=sent) as answer:
            return Answer(status=answer.status, headers=answer.headers, body=await answer.read())

    async def raw(self, data: bytes) -> bytes:
        """Everything that comes back for these bytes until the API closes."""
        host, _, port = self.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        try:
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()

    async def test_notifier(self, name: str, actor: str) -> Delivery | None:
        """Sends a test message through the herald."""
        message = words.test("staging", actor, "2026-01-02T03:04:05.678Z")
        return await self.herald.test(name, message)

    async def apply(self, name: str = "triage", *, match: str = "gpt-4o") -> Answer:
        """Registers a migration."""
        return await self.call(
            "PUT", f"/api/migrations/{name}", {"file": migration(name, match=match)}
        )


@asynccontextmanager
async def service(
    folder: Path,
    *,
    token: str | None = None,
    tokens: Mapping[Role, Secret] | None = None,
    address: str = "127.0.0.1:0",
) -> AsyncIterator[Service]:
    """Opens one in a folder; `token` is the owner's."""
    known = dict(tokens or {}) if token is None else {Role.OWNER: Secret(token)}
    async with office(folder) as behind:
        follow = Follow(
            behind.store,
            snapshot=lambda: behind.watch.snapshot,
            now=time.time,
            clock=time.monotonic,
            workers=behind.store.workers,
        )
        facts = Facts(
            environment="staging",
            readiness=lambda: opened.readiness,
            exposition=lambda: opened.exposition,
            exposition_type="text/plain; version=0.0.4; charset=utf-8",
            test_notifier=lambda name, actor: opened.test_notifier(name, actor),  # noqa: PLW0108
            drill=Drill(
                store=behind.store,
                fleet=behind.desk.acknowledged,
                figures=behind.desk.figures,
                now_s=lambda: behind.desk.now().timestamp(),
                clock=time.monotonic,
                pause=lambda _: asyncio.sleep(0),
            ).round,
            score=Scoring(store=behind.store, keep=follow.score).score,
        )
        opened = Service(office=behind, api=AdminApi(desk=behind.desk, facts=facts, tokens=known))
        opened.address = await opened.api.listen(address)
        async with aiohttp.ClientSession() as opened.client:
            try:
                yield opened
            finally:
                await opened.api.close()
