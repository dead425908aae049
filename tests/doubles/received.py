"""What the double saw of one request, and exactly what it answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.doubles.script import Script
from tests.doubles.wiretap import Connection, Tape


@dataclass(slots=True, kw_only=True)
class Answered:
    """The answer as it was sent. `events` are the pieces before compression, cuts and delays."""

    status: int = 0
    events: tuple[bytes, ...] = ()
    body: Tape = field(default_factory=Tape)  # as written: compressed and cut, not chunked
    complete: bool = False
    wire_from: int = 0
    wire_to: int = 0


@dataclass(slots=True, kw_only=True)
class Received:
    """One request. Its asyncio events tell how far it has come; `go` releases a held one."""

    number: int
    connection: Connection
    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]  # names as they were sent
    script: Script = field(default_factory=Script)
    body: Tape = field(default_factory=Tape)
    answer: Answered = field(default_factory=Answered)
    read: asyncio.Event = field(default_factory=asyncio.Event)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        for key, value in self.headers:
            if key.decode("latin-1").lower() == name.lower():
                return value.decode("latin-1")
        return None

    @property
    def disconnected_at(self) -> float | None:
        """The loop's time when the connection ended before the answer was complete."""
        return self.connection.ended_at if self.disconnected.is_set() else None

    @property
    def answer_wire(self) -> bytes:
        """The answer's exact bytes: head, framing and body."""
        return self.connection.sent.bytes[self.answer.wire_from : self.answer.wire_to]
