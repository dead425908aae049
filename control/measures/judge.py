"""Whoever knows what was measured on a migration, and what its limits make of that."""

from __future__ import annotations

from typing import Protocol

from control.words.evidence import Evidence
from control.words.verdict import Verdict


class Judge(Protocol):
    """Asked at every look, so it answers with the newest that it holds, at once."""

    def verdict(self, name: str) -> Verdict | None:
        """The newest verdict; None where nothing was judged."""
        ...

    def evidence(self, name: str) -> Evidence:
        """The newest evidence; an empty one where nothing was measured."""
        ...


class Unjudged:
    """A judge that knows nothing: nobody measures here."""

    def verdict(self, name: str) -> Verdict | None:  # noqa: ARG002 - the protocol's
        return None

    def evidence(self, name: str) -> Evidence:  # noqa: ARG002 - the protocol's
        return Evidence()
