"""A state directory that already knows many migrations, since applying 10,000 takes too long.

The one place where benchmarks/ imports crossfade; everything else speaks HTTP to it.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.payload import MODEL
from proxy import wire
from proxy.following import lastgood
from proxy.policy import Arm, Dialect, Match, Route, Snapshot, Split


def write(state_dir: Path, routes: int) -> None:
    """Leave a last good snapshot: the benchmark's own route at 10 %, and others around it."""
    others = [_route(f"other-{n}", f"model-{n}") for n in range(routes - 1)]
    half = len(others) // 2
    own = _route("benchmark", MODEL)
    snapshot = Snapshot(epoch=1, version=1, routes=(*others[:half], own, *others[half:]))
    lastgood.save(state_dir, wire.encode(snapshot))


def _route(name: str, model: str) -> Route:
    return Route(
        name=name,
        match=Match(model=model),
        dialect=Dialect.OPENAI,
        baseline=Arm(name="before", upstream="old", model=model),
        candidate=Arm(name="after", upstream="new", model="gpt-4o-mini"),
        split=Split(share=1_000),
        salt=name.encode().hex().ljust(16, "0"),
    )
