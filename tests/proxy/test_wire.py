"""A document comes back as it was, or is refused whole."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import wire
from proxy.errors import Invalid
from proxy.policy import (
    WHOLE,
    Arm,
    Dialect,
    Edits,
    Match,
    Placement,
    Route,
    Snapshot,
    Split,
    SystemPrompt,
)
from tests.proxy.routes import SALT, route

WORDS = st.text(min_size=1, max_size=8).filter(lambda text: text not in ("none", ".", ".."))
EDITS = st.builds(
    Edits,
    set=st.dictionaries(st.sampled_from(["temperature", "a.b"]), st.sampled_from(["1", '"é"'])),
    drop=st.sampled_from([(), ("seed",), ("seed", "a.c")]),
    rename=st.sampled_from([{}, {"max_tokens": "max_completion_tokens"}]),
    system_prompt=st.none()
    | st.builds(SystemPrompt, text=st.text(), placement=st.sampled_from(Placement)),
)
ARMS = st.builds(Arm, name=WORDS, upstream=WORDS, model=WORDS, edits=EDITS)
ROUTES = st.builds(
    Route,
    name=WORDS,
    match=st.builds(
        Match,
        model=WORDS,
        path=st.none() | st.text(),
        header=st.dictionaries(st.sampled_from(["x-team", "x-lang"]), st.text()),
    ),
    dialect=st.sampled_from(Dialect),
    baseline=ARMS,
    candidate=ARMS,
    split=st.builds(Split, share=st.integers(0, WHOLE)),
    sticky=st.lists(
        st.sampled_from(["credential", "header:x-crossfade-key", "body:user"]), max_size=3
    ).map(tuple),
    salt=st.binary(min_size=8, max_size=64).map(bytes.hex),
    allow_force=st.booleans(),
)
COUNTERS = st.integers(0, 2**63 - 1)
SNAPSHOTS = st.builds(
    Snapshot,
    epoch=COUNTERS,
    version=COUNTERS,
    routes=st.lists(ROUTES, max_size=3, unique_by=lambda each: each.name).map(tuple),
)
CONTROLS = st.one_of(
    st.just(b""),
    st.dictionaries(st.text(), st.integers() | st.text()).map(msgspec.json.encode),
    st.sampled_from([b"null", b'{ "spaced" : [ 1, 2 ] }', b'"\\u00e9"', b"0.10"]),
)


def tampered(data: bytes, old: bytes, new: bytes, *, sealed: bool = True) -> bytes:
    """A document changed by hand; `sealed` with a checksum that fits again."""
    assert old in data
    fields = msgspec.json.decode(data.replace(old, new, 1), type=dict[str, msgspec.Raw])
    if sealed:
        epoch, version = (int(bytes(fields[name])) for name in ("epoch", "version"))
        control = bytes(fields.get("control", b""))
        checksum = wire._checksum(epoch, version, bytes(fields["routes"]), control)
        fields["checksum"] = msgspec.Raw(b'"%b"' % checksum.encode())
    return msgspec.json.encode(fields)


@given(SNAPSHOTS, CONTROLS)
def test_what_is_written_is_read_back_byte_for_byte(snapshot: Snapshot, control: bytes) -> None:
    data = wire.encode(snapshot, control)
    assert wire.decode(data) == (snapshot, control)
    assert wire.encode(*wire.decode(data)) == data


def test_every_flipped_bit_is_refused() -> None:
    data = wire.encode(Snapshot(epoch=1, version=12, routes=(route(),)), b'{"notes":["a"]}')
    for at in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[at] ^= 1 << bit
            with pytest.raises(Invalid):
                wire.decode(bytes(damaged))


@given(SNAPSHOTS, CONTROLS, st.data())
def test_every_other_byte_anywhere_is_refused(
    snapshot: Snapshot, control: bytes, data: st.DataObject
) -> None:
    document = wire.encode(snapshot, control)
    at = data.draw(st.integers(0, len(document) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != document[at]))
    with pytest.raises(Invalid):
        wire.decode(document[:at] + bytes([byte]) + document[at + 1 :])


@given(SNAPSHOTS, st.data())
def test_a_cut_document_is_refused(snapshot: Snapshot, data: st.DataObject) -> None:
    document = wire.encode(snapshot)
    with pytest.raises(Invalid):
        wire.decode(document[: data.draw(st.integers(0, len(document) - 1))])


@given(st.binary())
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        wire.decode(data)


@pytest.mark.parametrize("schema", [0, 2, 99])
def test_an_unknown_schema_is_refused_by_name(schema: int) -> None:
    document = b'{"schema":%d,"something":"new"}' % schema
    with pytest.raises(Invalid, match=f"schema {schema}; this crossfade reads schema 1"):
        wire.decode(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"share":0', b'"share":10001'),
        (b'"share":0', b'"share":-1'),
        (b'"share":0', b'"share":0.5'),
        (b'"share":0', b'"share":"0"'),
        (b'"dialect":"openai"', b'"dialect":"telnet"'),
        (b'"name":"triage"', b'"name":""'),
        (b'"name":"triage"', b'"name":"none"'),
        (b'"name":"triage"', b'"name":"triage","url":"http://127.0.0.1"'),
        (b'"upstream":"openai"', b'"upstream":"openai","key_env":"HOME"'),
        (SALT.encode(), b"salt-that-is-not-hex"),
        (SALT.encode(), b""),
        (b'"header":{}', b'"header":{"X-Team":"a"}'),
        (b'"set":{"temperature":"0.2"}', b'"set":{"temperature":"NaN"}'),
        (b'"set":{"temperature":"0.2"}', b'"set":{"model":"1"}'),
        (b'"model":"gpt-4o-mini"', b'"model":".."'),
        (b'"sticky":["header', b'"sticky":["cookie'),
        (b'"version":1', b'"version":-1'),
        (b'"version":1', b'"version":9223372036854775808'),
        (b'"version":1', b'"version":1,"issued_by":"x"'),
    ],
)
def test_a_hostile_word_is_refused_though_the_checksum_fits(old: bytes, new: bytes) -> None:
    data = wire.encode(Snapshot(epoch=1, version=1, routes=(route(),)))
    assert wire.decode(tampered(data, b"", b"")) == wire.decode(data)
    with pytest.raises(Invalid):
        wire.decode(tampered(data, old, new))


def test_a_checksum_that_does_not_fit_is_named() -> None:
    data = wire.encode(Snapshot(epoch=1, version=1, routes=(route(),)))
    with pytest.raises(Invalid, match="checksum does not fit"):
        wire.decode(tampered(data, b'"share":0', b'"share":1', sealed=False))


def test_two_routes_of_one_name_are_refused() -> None:
    data = wire.encode(Snapshot(epoch=1, version=1, routes=(route("a"), route("b"))))
    with pytest.raises(Invalid, match="same name"):
        wire.decode(tampered(data, b'"name":"b"', b'"name":"a"'))


def test_a_refusal_repeats_nothing_of_the_document() -> None:
    data = wire.encode(Snapshot(epoch=1, version=1, routes=(route(),)))
    with pytest.raises(Invalid) as refused:
        wire.decode(tampered(data, b'"share":0', b'"share":"sk-CANARY-wire"'))
    assert "CANARY" not in str(refused.value)
    assert "split.share" in str(refused.value)


@pytest.mark.parametrize("place", [b'"routes":%b', b'"control":%b', b'"unknown":%b'])
def test_deep_nesting_is_refused(place: bytes) -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    with pytest.raises(Invalid):
        wire.decode(b'{"schema":1,' + place % deep + b"}")


def test_a_document_has_at_most_16_mib() -> None:
    assert wire.MAX_DOCUMENT == 16 * 1024 * 1024
    snapshot = Snapshot(epoch=1, version=1)
    room = wire.MAX_DOCUMENT - len(wire.encode(snapshot, b'""'))
    full = wire.encode(snapshot, b'"' + b"x" * room + b'"')
    assert len(full) == wire.MAX_DOCUMENT
    with pytest.raises(Invalid, match="larger than 16 MiB"):
        wire.encode(snapshot, b'"' + b"x" * (room + 1) + b'"')
    with pytest.raises(Invalid, match="larger than 16 MiB"):
        wire.decode(full + b" ")


@pytest.mark.parametrize(
    "control", [b" {}", b"{}\n", b"{", b"{},", b'1,"epoch":5', b"1}", b"NaN", b"[" * 100_000]
)
def test_control_that_would_not_come_back_is_refused_when_written(control: bytes) -> None:
    with pytest.raises(Invalid):
        wire.encode(Snapshot(epoch=1, version=1), control)


@pytest.mark.parametrize(
    "snapshot",
    [
        Snapshot(epoch=1, version=2**63),
        Snapshot(epoch=2**64, version=1),
        Snapshot(epoch=1, version=1, routes=(route(model="\ud800"),)),
    ],
)
def test_a_snapshot_that_no_store_can_hold_is_refused_when_written(snapshot: Snapshot) -> None:
    with pytest.raises(Invalid):
        wire.encode(snapshot)
