"""A link to a Redis for tests of what it says: a busy machine is not taken for a slow Redis."""

from __future__ import annotations

from proxy.redis.address import parse
from proxy.redis.link import Link

PATIENCE_S = 10.0


def patient(url: str) -> Link:
    """One that waits for longer than any test lasts well."""
    return Link(parse(url), timeout_s=PATIENCE_S)
