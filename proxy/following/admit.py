"""Whether a document may take over from the one that serves: only a newer one may."""

from __future__ import annotations

from typing import NamedTuple

from proxy.errors import Invalid
from proxy.policy import Snapshot


class Held(NamedTuple):
    """A snapshot and the bytes it came from; None where the store answered that it is empty."""

    snapshot: Snapshot
    data: bytes | None

    @property
    def order(self) -> tuple[int, int]:
        """What documents are ordered by; never by time."""
        return self.snapshot.epoch, self.snapshot.version


NOTHING_COMMITTED = Held(Snapshot(epoch=0, version=0), None)


def admit(new: Held, best: Held | None) -> None:
    """Raises Invalid unless `new` is `best` itself or strictly newer by (epoch, version).

    A lower version is a store that was flushed, restored or failed over to a stale replica; an
    equal one with other bytes is a store of two minds. Both need a person.
    """
    if best is None or new.order > best.order or new == best:
        return
    if new.order == best.order:
        raise Invalid(f"the store holds another document under {_name(best)}, which is kept")
    if new.data is None:
        raise Invalid(f"the store answers that it is empty; {_name(best)} is kept")
    raise Invalid(f"the store went back to {_name(new)}; {_name(best)} is kept")


def hastens(heard: Held, best: Held | None) -> bool:
    """Whether what a hint carried may serve before the store was asked: the next of its epoch may.

    Everything else begins by the store's own word: a first document, and a new epoch.
    """
    return best is not None and heard.order[0] == best.order[0] and heard.order > best.order


def _name(held: Held) -> str:
    epoch, version = held.order
    return f"version {version} of epoch {epoch}"
