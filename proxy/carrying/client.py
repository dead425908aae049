"""What an exchange needs of the connection that its client holds."""

from __future__ import annotations

from abc import abstractmethod

from proxy.carrying.wheel import Timed


class Client(Timed):
    """The client's side of a relay; `full` says that it reads more slowly than it is written to."""

    __slots__ = ("full",)

    def __init__(self) -> None:
        super().__init__()
        self.full = False

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send, after what was sent before."""

    @abstractmethod
    def progressed(self) -> bool:
        """Whether the client has taken anything since this was last asked."""

    @abstractmethod
    def hold_upload(self) -> None:
        """Read no more of the request's body for now."""

    @abstractmethod
    def resume_upload(self) -> None:
        """Read on."""

    @abstractmethod
    def set_deadline(self, deadline: int) -> None:
        """When to call the relay's `expire`, in microseconds on the worker's clock."""

    @abstractmethod
    def finished(self, now: int, *, keep: bool) -> None:
        """The answer is complete at `now`; `keep` says that another request may follow."""

    @abstractmethod
    def cut(self) -> None:
        """The answer is not complete, and must not look as if it were."""
