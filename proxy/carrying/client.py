"""What an exchange needs of the connection that its client holds."""

from __future__ import annotations

from typing import Protocol


class Client(Protocol):
    """The client's side of a relay; `full` says that it reads more slowly than it is written to."""

    full: bool

    def write(self, data: bytes) -> None:
        """Send, after what was sent before."""

    def progressed(self) -> bool:
        """Whether the client has taken anything since this was last asked."""

    def hold_upload(self) -> None:
        """Read no more of the request's body for now."""

    def resume_upload(self) -> None:
        """Read on."""

    def set_deadline(self, deadline: int) -> None:
        """When to call the relay's `expire`, in microseconds on the worker's clock."""

    def finished(self, *, keep: bool) -> None:
        """The answer is complete; `keep` says that another request may follow."""

    def cut(self) -> None:
        """The answer is not complete, and must not look as if it were."""
