"""Documents for tests of stores: sound ones at any version, and every kind of unsound one."""

from __future__ import annotations

import msgspec

from control.store import Event
from proxy import wire
from proxy.policy import Arm, Dialect, Match, Route, Snapshot, Split

DAMAGES = {
    "cut short": lambda whole: whole[:-20],
    "nothing": lambda whole: b"",
    "garbage": lambda whole: b"\x00\xffgarbage" * 50,
    "another version inside": lambda whole: whole.replace(b'"version":', b'"version":1'),
    "one bit flipped": lambda whole: whole[:-30] + bytes([whole[-30] ^ 4]) + whole[-29:],
    "a list": lambda whole: b"[]",
    "deeply nested": lambda whole: b"[" * 100_000,
}


EVENT = Event(
    version=1,
    migration="triage",
    verb="set-weight",
    actor="jane@desk",
    reason="for a test",
    at="2026-01-02T03:04:05.678Z",
    evidence={"weight_before": "1", "weight_after": "10"},
    phase="Progressing",
)


def document(version: int, *, epoch: int = 0, share: int = 0, padding: int = 0) -> bytes:
    """A sound document with one route at `share` basis points, longer by `padding` bytes."""
    route = Route(
        name="triage",
        match=Match(model="gpt-4o"),
        dialect=Dialect.OPENAI,
        baseline=Arm(name="gpt-4o", upstream="openai", model="gpt-4o-2024-08-06"),
        candidate=Arm(name="gpt-4o-mini", upstream="openai", model="gpt-4o-mini"),
        split=Split(share=share),
        salt="00112233445566778899aabbccddeeff",
    )
    more = b',"padding":"%s"' % (b"x" * padding) if padding else b""
    snapshot = Snapshot(epoch=epoch, version=version, routes=(route,))
    return wire.encode(snapshot, b'{"phases":{}%s}' % more)


def event(version: int, **changed: object) -> Event:
    """The event of the change that made `version`."""
    return msgspec.structs.replace(EVENT, version=version, **changed)
