"""proxy/delta.py: what a worker measured, as bytes; and what is no delta is refused."""

from __future__ import annotations

import msgspec
import pytest

from proxy import delta
from proxy.delta import MAX_DELTA, Aside, Delta, Weighed, Window
from proxy.errors import Invalid
from proxy.exchange import Outcome, UsageState
from proxy.policy import ArmName, Dialect

WINDOW = Window(
    migration="triage",
    arm=ArmName.CANDIDATE,
    dialect=Dialect.OPENAI,
    epoch=7,
    outcomes={Outcome.OK: 3},
    usage_states={UsageState.FINAL: 3},
    weighed=Weighed(with_usage=3, tokens=300, tokens_squares=30_000.0, priced=1, cost_squares=0.25),
    durations={Outcome.OK: b"\x00\xff"},
    keys=b"123456",
    ceiling=2**40,
)
WHOLE = Delta(
    worker="host:1",
    boot="b",
    seq=3,
    at_ms=1_790_000_000_123,
    windows=(WINDOW, Window(migration="none", dialect=Dialect.GEMINI)),
    asides={Aside.REFUSED: {"header_timeout": 2}},
)


def changed(**members: object) -> bytes:
    """The bytes of a delta whose members were replaced by anything."""
    plain = msgspec.to_builtins(WHOLE, builtin_types=(bytes,))
    return msgspec.msgpack.encode({**plain, **members})


def window(**members: object) -> bytes:
    return changed(windows=[{"migration": "triage", "dialect": "openai", **members}])


def test_what_was_encoded_is_decoded() -> None:
    assert delta.decode(delta.encode(WHOLE)) == WHOLE
    assert delta.decode(changed()) == WHOLE


def test_what_is_nothing_takes_no_room() -> None:
    empty = Delta(worker="w", boot="b", seq=1, at_ms=0)
    one = Window(migration="m", dialect=Dialect.OPENAI)
    grown = len(delta.encode(msgspec.structs.replace(empty, windows=(one,))))
    assert grown - len(delta.encode(empty)) < 40


def test_a_name_is_read_without_the_rest() -> None:
    name = delta.named(changed(windows="anything", schema=99))
    assert (name.worker, name.boot, name.seq) == ("host:1", "b", 3)


@pytest.mark.parametrize(
    "data",
    {
        "nothing": b"",
        "garbage": b"\xc1CANARY",
        "cut off": delta.encode(WHOLE)[:-1],
        "a text that is none": changed(worker=b"\xff"),
        "a number below nothing": window(input=-1),
        "a number over 64 bits": window(output=2**63),
        "squares below nothing": window(weighed={"cost_squares": -0.5}),
        "squares without an end": window(weighed={"tokens_squares": 1e300}),
        "squares that are no number": window(weighed={"tokens_squares": float("nan")}),
        "an outcome of no name": window(outcomes={"wonderful": 1}),
        "a field of no name": window(prompt="CANARY-PROMPT"),
        "a name without an end": window(migration="m" * 301),
        "a seq of nothing": changed(seq=0),
        "another schema": changed(schema=2),
        "too much": changed(worker="w" * MAX_DELTA),
    }.values(),
    ids=lambda data: "",
)
def test_what_is_no_delta_is_refused_without_a_word_of_it(data: bytes) -> None:
    with pytest.raises(Invalid, match="a delta") as refused:
        delta.decode(data)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"\xc1", changed(seq="1"), changed(worker=7)])
def test_what_has_no_name_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="a delta cannot be read"):
        delta.named(data)
