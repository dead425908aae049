"""A latched migration serves no candidate on its host, and everything else is as it was."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy.following.latched import Latched, obeyed
from proxy.policy import Route, Snapshot, Split
from tests.proxy.routes import route

NAMES = ("a", "b", "c")


def at(name: str, share: int = 2_500, *, allow_force: bool = True) -> Route:
    return msgspec.structs.replace(
        route(name, model=name), split=Split(share=share, since=7), allow_force=allow_force
    )


SNAPSHOT = Snapshot(epoch=1, version=9, routes=tuple(at(name) for name in NAMES))


def test_without_a_latch_the_snapshot_is_the_very_same() -> None:
    assert obeyed(SNAPSHOT, Latched()) is SNAPSHOT
    assert obeyed(SNAPSHOT, Latched(names=frozenset({"another"}))) is SNAPSHOT
    assert obeyed(Snapshot(epoch=0, version=0), Latched(everything=True)).routes == ()


def test_a_latched_route_has_no_candidate_not_even_a_forced_one() -> None:
    held = obeyed(SNAPSHOT, Latched(names=frozenset({"b"})))
    assert held.routes[1].split == Split(share=0, since=0)
    assert not held.routes[1].allow_force
    assert (held.routes[0], held.routes[2]) == (SNAPSHOT.routes[0], SNAPSHOT.routes[2])
    assert (held.epoch, held.version) == (1, 9)


def test_a_latch_of_everything_holds_what_it_was_never_told_of() -> None:
    held = obeyed(SNAPSHOT, Latched(everything=True))
    assert [one.split.share for one in held.routes] == [0, 0, 0]


def test_latches_are_spelt_in_order() -> None:
    assert not Latched()
    assert Latched(names=frozenset({"b", "a"})).spelt == ("a", "b")
    assert Latched(everything=True, names=frozenset({"b"})).spelt == ("*", "b")
    assert Latched(everything=True)


@given(st.frozensets(st.sampled_from(NAMES)), st.booleans())
def test_only_what_is_latched_loses_its_candidate(names: frozenset[str], everything: bool) -> None:
    held = obeyed(SNAPSHOT, Latched(everything=everything, names=names))
    for before, after in zip(SNAPSHOT.routes, held.routes, strict=True):
        latched = everything or before.name in names
        assert after.split.share == (0 if latched else before.split.share)
        assert after.salt == before.salt
