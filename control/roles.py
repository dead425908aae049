"""Who may do what on the admin API: three roles, each of which may do what the one before may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a token lets its holder do, from the least to the most.

    A viewer looks. An operator also moves traffic and clears latches. An owner also says what a
    migration is, overrules a breach, and skips the rest of a ramp.
    """

    VIEWER = "viewer"
    OPERATOR = "operator"
    OWNER = "owner"

    def may(self, needed: Role) -> bool:
        """Whether this role is `needed` or more."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)
