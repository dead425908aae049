"""The names of the keys: all in one slot of a cluster, none in another's way."""

from __future__ import annotations

from proxy.redis import keys


def test_every_name_is_in_the_same_slot() -> None:
    fixed = [keys.SNAPSHOT, keys.CHANGED, keys.WORKERS, keys.ACKNOWLEDGED, keys.LEAD]
    named = [keys.history("a"), keys.scores("a"), keys.flushed("one", "boot")]
    every = [*fixed, *named, keys.DELTAS, keys.ROLLUP]
    assert all(name.startswith("crossfade:{cf}:") for name in every)
    assert len(set(every)) == len(every)
