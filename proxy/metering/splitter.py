"""The word for what cuts a stream into its events, out of any pieces of bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


class Splitter(ABC):
    """Gives the data of each complete event; every piece goes through `one` or `feed`, in order."""

    __slots__ = ()

    @property
    @abstractmethod
    def at_boundary(self) -> bool:
        """Whether an event of ours may follow the bytes so far."""

    def one(self, _piece: bytes) -> bytes | None:
        """The data of a piece that is exactly one event; None for any other, which `feed` reads."""
        return None

    @abstractmethod
    def feed(self, piece: bytes) -> Sequence[bytes]:
        """The data of the events that this piece completes."""

    @abstractmethod
    def rest(self) -> Sequence[bytes]:
        """The data of events that only the end of the answer completes."""
