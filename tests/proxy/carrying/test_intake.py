"""Bodies on their way to a decision: what is collected, how much, and that it is given back."""

from __future__ import annotations

import pytest

from proxy.carrying.intake import Intake
from proxy.errors import Refused
from proxy.http.http1 import read_request
from proxy.policy import Limits
from proxy.routing.aim import Aim
from tests.doubles.requests import get, prompt, request
from tests.doubles.worker import Bench, upstream
from tests.proxy.routes import route

CHUNKED = b"Transfer-Encoding: chunked"


class Rig:
    """The intake of one request, in a worker with one migration of gpt-4o."""

    def __init__(self, raw: bytes, limits: Limits | None = None, bench: Bench | None = None):
        self.bench = bench or Bench(upstream(), routes=(route(),), limits=limits)
        self.worker = self.bench.worker
        assert self.worker.routing is not None
        self.routing = self.worker.routing
        self.intake = Intake(self.worker, read_request(raw), self.routing)

    def take(self, piece: bytes) -> list[bytes] | None:
        self.intake.count(piece)
        return self.intake.collect(piece)

    def refusal(self, piece: bytes) -> str:
        with pytest.raises(Refused) as raised:
            self.take(piece)
        return raised.value.failure.code

    def aim(self) -> Aim:
        return self.intake.aim(self.routing, b"0" * 20)

    @property
    def unread(self) -> int:
        return self.bench.ledger.unread_bodies


def test_a_request_without_a_body_is_all_here() -> None:
    rig = Rig(get())
    assert (rig.intake.complete, rig.intake.collecting) == (True, False)
    aim = rig.aim()
    assert (aim.migration, aim.body) == ("none", None)


@pytest.mark.parametrize("line", [b"Content-Length: 100", CHUNKED])
def test_a_body_that_a_migration_may_want_is_collected(line: bytes) -> None:
    rig = Rig(request(line))
    assert (rig.intake.complete, rig.intake.collecting) == (False, True)


def test_a_body_that_no_migration_wants_passes_through() -> None:
    embeddings = Rig(request(CHUNKED, target=b"/v1/files"))
    unmatched = Rig(request(CHUNKED), bench=Bench(upstream()))
    for rig in (embeddings, unmatched):
        assert not rig.intake.collecting
        assert rig.aim().body is None
        assert rig.unread == 0  # nobody wanted to read it


def test_what_was_collected_is_aimed_as_one_body() -> None:
    text = prompt()
    rig = Rig(request(CHUNKED))
    for at in range(0, len(text), 10):
        assert rig.take(text[at : at + 10]) is None
    assert rig.intake.received == len(text) == rig.worker.buffered
    aim = rig.aim()
    assert aim.migration == "triage"
    assert aim.body == text
    assert not rig.intake.collecting


@pytest.mark.parametrize("line", [b"Content-Length: 101", b"Content-Encoding: gzip"])
def test_a_body_that_cannot_be_read_passes_through_and_is_counted(line: bytes) -> None:
    framing = () if line.startswith(b"Content-Length") else (CHUNKED,)
    rig = Rig(request(line, *framing), Limits(max_parse=100))
    assert not rig.intake.collecting
    assert rig.unread == 1
    assert rig.aim().migration == "none"


def test_a_body_that_turns_out_too_long_to_read_is_given_back_whole() -> None:
    rig = Rig(request(CHUNKED), Limits(max_parse=100))
    assert rig.take(b"x" * 60) is None
    assert rig.take(b"y" * 40) is None  # just as long as max_parse says
    assert rig.take(b"z") == [b"x" * 60, b"y" * 40, b"z"]
    assert (rig.intake.collecting, rig.unread) == (False, 1)
    assert rig.worker.buffered == 101  # still ours, until it is out of our hands
    assert rig.aim().body is None
    rig.intake.release()
    assert rig.worker.buffered == 0


def test_a_body_may_be_as_long_as_max_body_says() -> None:
    rig = Rig(request(CHUNKED, target=b"/v1/files"), Limits(max_body=100))
    rig.intake.count(b"x" * 100)
    with pytest.raises(Refused, match="body_too_large"):
        rig.intake.count(b"x")


def test_all_bodies_together_may_hold_max_buffered() -> None:
    first = Rig(request(CHUNKED), Limits(max_buffered=100))
    second = Rig(request(CHUNKED), bench=first.bench)
    assert first.take(b"x" * 60) is None
    assert second.take(b"x" * 40) is None
    assert second.refusal(b"x") == "buffers_full"
    second.intake.release()
    assert first.worker.buffered == 60
    assert first.take(b"x" * 40) is None


def test_what_is_released_twice_is_given_back_once() -> None:
    rig = Rig(request(CHUNKED))
    rig.take(b"x" * 60)
    for _ in range(2):
        rig.intake.release()
        assert rig.worker.buffered == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"nonsense", "unreadable_body"),
        (b'{"model":"gpt-4o","x":' + b"[" * 200_000, "unreadable_body"),
        (b'{"model":"gpt-4o","model":"gpt-4o-mini"}', "duplicate_field"),
    ],
    ids=["no JSON", "too deep", "two models"],
)
def test_a_body_that_cannot_be_understood_is_refused(body: bytes, code: str) -> None:
    rig = Rig(request(CHUNKED))
    rig.take(body)
    with pytest.raises(Refused, match=code):
        rig.aim()
    rig.intake.release()
    assert rig.worker.buffered == 0


def test_an_upstream_that_is_not_configured_is_refused_at_once() -> None:
    with pytest.raises(Refused, match="unknown_upstream"):
        Rig(get(b"/u/unknown/v1/models"))
