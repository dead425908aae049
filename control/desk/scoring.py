"""What an application's post of scores comes to: refused whole with reasons, or taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from control.desk.commit import read, registered
from control.measures.scores import MOST_POSTED, Score, Taken, faults
from control.refusal import Code, DeskError
from control.store import Store, StoreUnavailable
from proxy.errors import Invalid


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a post's scores are new, and how many had come before (by id and name)."""

    accepted: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Takes scores for registered migrations; `keep` stores what is new of sound ones."""

    store: Store
    keep: Callable[[str, Sequence[Score]], Awaitable[Taken]]

    async def score(self, name: str, scores: Sequence[Score]) -> Scored:
        """Takes them all or none; one that came before is not counted again."""
        registered(name, (await read(self.store)).state(name))
        if len(scores) > MOST_POSTED:
            raise _refused(f"one post has at most {MOST_POSTED} scores")
        found = faults(scores, name)
        if found:
            problems = tuple(f"[{wrong.index}]: {wrong.reason}" for wrong in found)
            raise DeskError(Code.INVALID_SCORES, "no score was taken:", problems=problems)
        try:
            taken = await self.keep(name, scores)
        except StoreUnavailable as error:
            raise DeskError(
                Code.STORE_UNAVAILABLE, f"the scores may not be stored: {error}"
            ) from error
        except Invalid as error:
            raise _refused(str(error)) from error
        return Scored(accepted=len(taken.fresh), known=taken.known)


def _refused(reason: str) -> DeskError:
    return DeskError(Code.INVALID_SCORES, f"no score was taken: {reason}")
