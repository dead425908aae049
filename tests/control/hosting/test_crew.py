"""What the parent holds for its workers: their sockets, their counts, the newest snapshot."""

from __future__ import annotations

import pytest

from control.hosting.crew import Board
from proxy import delta
from proxy.delta import Delta, Window
from proxy.errors import Invalid
from proxy.exchange import Outcome
from proxy.policy import ArmName, Dialect, Snapshot


def flushed(count: int) -> bytes:
    window = Window(
        migration="triage",
        arm=ArmName.CANDIDATE,
        dialect=Dialect.OPENAI,
        epoch=3,
        outcomes={Outcome.OK: count},
    )
    return delta.encode(Delta(worker="w", boot="b", seq=1, at_ms=1, windows=(window,)))


def test_what_workers_flush_adds_up(caplog: pytest.LogCaptureFixture) -> None:
    board = Board(["127.0.0.1:0"])
    board.count(flushed(2))
    board.count(flushed(3))
    board.count(b"nonsense")
    (tally,) = board.recorder.arm("triage", ArmName.CANDIDATE)
    assert tally.counted.requests == 5
    assert "delta_refused" in caplog.text
    board.close()


def test_its_addresses_are_those_that_workers_serve() -> None:
    board = Board(["127.0.0.1:0"])
    assert board.addresses == [f"127.0.0.1:{board.sockets[0].getsockname()[1]}"]
    snapshot = Snapshot(epoch=1, version=2)
    board.show(snapshot)
    assert board.snapshot is snapshot
    board.close()
    with pytest.raises(Invalid):
        Board(["nowhere"])
