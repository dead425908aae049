"""Shares are kept, monotone, the same everywhere; keys are found in their order."""

from __future__ import annotations

import math
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from proxy import wire
from proxy.policy import WHOLE, ArmName, Route, Snapshot, Split
from proxy.routing.draw import Lot, choose, first_key, keys_left, sticky_key
from tests.proxy.routes import SALT, route, sent

KEYS = [b"user-%d" % number for number in range(20_000)]
SALTS = st.binary(min_size=8, max_size=64).map(bytes.hex)
SHARES = st.integers(0, WHOLE)


def at(share: int, salt: str = SALT) -> Route:
    return route(share=share, salt=salt)


def candidates(share: int, salt: str = SALT) -> set[bytes]:
    ready = Lot(at(share, salt))
    return {key for key in KEYS if ready.arm(ready.point(key)) is ArmName.CANDIDATE}


@pytest.mark.parametrize("share", [1, 10, 100, 1_000, 2_500, 5_000, 9_000, 9_999])
def test_shares_are_kept_within_five_deviations(share: int) -> None:
    part = share / WHOLE
    expected, deviation = len(KEYS) * part, math.sqrt(len(KEYS) * part * (1 - part))
    assert abs(len(candidates(share)) - expected) <= 5 * deviation


@given(key=st.binary(), salt=SALTS)
def test_zero_is_never_and_the_whole_is_always(key: bytes, salt: str) -> None:
    assert choose(at(0, salt), key) is ArmName.BASELINE
    assert choose(at(WHOLE, salt), key) is ArmName.CANDIDATE


@given(key=st.binary(), salt=SALTS, shares=st.tuples(SHARES, SHARES).map(sorted))
def test_raising_the_share_moves_no_key_back(key: bytes, salt: str, shares: list[int]) -> None:
    low, high = (choose(at(share, salt), key) for share in shares)
    assert low is ArmName.BASELINE or high is ArmName.CANDIDATE


@given(key=st.binary(), salt=SALTS, share=SHARES)
def test_a_key_has_the_same_arm_on_every_replica(key: bytes, salt: str, share: int) -> None:
    here = at(share, salt)
    snapshot, _ = wire.decode(wire.encode(Snapshot(epoch=1, version=7, routes=(here,))))
    assert choose(snapshot.routes[0], key) is choose(here, key)


@given(key=st.binary(), salt=SALTS, share=SHARES)
def test_only_the_salt_and_the_share_decide(key: bytes, salt: str, share: int) -> None:
    one = at(share, salt)
    other = replace(one, name="other", sticky=("credential",), candidate=one.baseline)
    assert choose(one, key) is choose(other, key)


@given(key=st.binary(), salt=SALTS, share=SHARES)
def test_the_arm_is_the_published_hash(key: bytes, salt: str, share: int) -> None:
    digest = blake2b(key, digest_size=8, key=bytes.fromhex(salt)).digest()
    point = int.from_bytes(digest, "big") * 10_000 >> 64
    expected = ArmName.CANDIDATE if point < share else ArmName.BASELINE
    assert choose(at(share, salt), key) is expected


def test_a_known_key_keeps_its_basis_point_for_ever() -> None:
    # Written down once: a change of the hash would move users of running migrations.
    point = 8999
    assert choose(at(point), b"jane") is ArmName.BASELINE
    assert choose(at(point + 1), b"jane") is ArmName.CANDIDATE


def test_different_salts_are_independent() -> None:
    one, other = candidates(3_000, "11" * 16), candidates(3_000, "22" * 16)
    expected, deviation = len(KEYS) * 0.09, math.sqrt(len(KEYS) * 0.09 * 0.91)
    assert abs(len(one & other) - expected) <= 5 * deviation


def test_a_draw_leaves_the_prepared_hash_as_it_was() -> None:
    ready = Lot(at(5_000))
    points = {ready.point(b"user-1") for _ in range(3)}
    assert [ready.arm(point) for point in points] == [choose(at(5_000), b"user-1")]


@given(share=SHARES, point=st.integers(0, 2**64 - 1))
def test_a_point_is_scaled_down_to_the_whole(share: int, point: int) -> None:
    edge = (share << 64) // WHOLE
    for one in (point, max(edge - 1, 0), min(edge, 2**64 - 1), min(edge + 1, 2**64 - 1)):
        below = one * WHOLE >> 64 < share
        assert Lot(at(share)).arm(one) is (ArmName.CANDIDATE if below else ArmName.BASELINE)


@pytest.mark.parametrize(
    ("share", "arm"), [(0, ArmName.BASELINE), (1, None), (WHOLE, ArmName.CANDIDATE)]
)
def test_at_the_ends_no_key_changes_the_arm(share: int, arm: ArmName | None) -> None:
    assert Lot(at(share)).fixed is arm


def body(**members: str) -> dict[str, str]:
    return {name.replace("__", "."): text for name, text in members.items()}


@pytest.mark.parametrize(
    ("headers", "members", "key"),
    [
        (sent(x_crossfade_key="h"), body(user="u"), b"h"),
        (sent(X_Crossfade_Key="h"), {}, b"h"),
        (sent(), body(user="u", safety_identifier="s", metadata__user_id="m"), b"u"),
        (sent(), body(safety_identifier="s", metadata__user_id="m"), b"s"),
        (sent(), body(metadata__user_id="m"), b"m"),
        (sent(x_crossfade_key=""), body(user="", safety_identifier="s"), b"s"),
        (sent(x_crossfade_key="") + sent(x_crossfade_key="h"), body(user="u"), b"h"),
        (sent(), body(user="\N{SNOWMAN}"), "\N{SNOWMAN}".encode()),
        (sent(authorization="Bearer sk-CANARY-1"), {}, None),
        (sent(), {}, None),
    ],
)
def test_the_first_key_that_is_present_counts(
    headers: list[tuple[bytes, bytes, bytes]], members: dict[str, str], key: bytes | None
) -> None:
    assert sticky_key(route(), headers, members.get) == key
    left = keys_left(Lot(route()).sources, headers)
    assert first_key(left, members.get) == key
    assert left.value is None or left.names == ()  # a header comes first, and ends the search


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (sent(authorization="Bearer a"), b"Bearer a"),
        (sent(x_api_key="b"), b"b"),
        (sent(api_key="c"), b"c"),
        (sent(x_goog_api_key="d"), b"d"),
        (sent(x_goog_api_key="d", x_api_key="b", authorization="Bearer a"), b"Bearer a"),
        (sent(authorization="", api_key="c"), b"c"),
        (sent(cookie="e"), None),
    ],
)
def test_a_credential_is_a_key_only_where_the_route_says_so(
    headers: list[tuple[bytes, bytes, bytes]], key: bytes | None
) -> None:
    opted_in = route(sticky=("header:X-Team", "credential", "body:user"))
    assert sticky_key(opted_in, headers, body().get) == key
    assert sticky_key(route(), headers, body().get) is None


def test_the_order_of_the_route_counts_and_not_that_of_the_request() -> None:
    by_body = replace(route(), sticky=("body:a.b", "header:x-team"), split=Split(share=1))
    headers = sent(x_team="t")
    assert sticky_key(by_body, headers, {"a.b": "deep"}.get) == b"deep"
    assert sticky_key(by_body, headers, body().get) == b"t"
