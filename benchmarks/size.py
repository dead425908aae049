"""How much a run measures: the full one, and a quick one that only shows that everything works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Counts and seconds. `limit_s` bounds the run of hang-ups.

    `workers` are those of a fleet, on which `rollbacks` are made; `held` streams go on while the
    weight is set `weighings` times.
    """

    name: str
    rounds: int
    requests_s: int
    events_s: float
    streams: int
    rate: int
    rate_s: float
    idle: tuple[int, ...]
    hangups: int
    limit_s: float
    bodies: tuple[int, ...]
    routes: tuple[int, ...]
    workers: tuple[int, ...]
    rollbacks: int
    held: int
    weighings: int


KIB = 1024
FULL = Size(
    name="latest",
    rounds=5,
    requests_s=4,
    events_s=5,
    streams=200,
    rate=1_000,
    rate_s=4,
    idle=(1_000, 5_000, 10_000),
    hangups=1_000_000,
    limit_s=600,
    bodies=(KIB, 10 * KIB, 100 * KIB, KIB * KIB, 10 * KIB * KIB),
    routes=(1, 100, 10_000),
    workers=(1, 8, 32),
    rollbacks=200,
    held=1_000,
    weighings=40,
)
QUICK = Size(
    name="quick",
    rounds=1,
    requests_s=1,
    events_s=1,
    streams=20,
    rate=200,
    rate_s=1,
    idle=(50, 100),
    hangups=2_000,
    limit_s=20,
    bodies=(KIB, 100 * KIB),
    routes=(1, 10),
    workers=(1, 2),
    rollbacks=10,
    held=50,
    weighings=4,
)
