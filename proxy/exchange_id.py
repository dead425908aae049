"""An exchange's id, which says by itself on which arm, and under which weight, it was served.

32 hex digits: 20 that are unique, 1 for the arm, 7 for the weight epoch, 4 that check the rest
against the migration's name. So a score that comes days later, to any replica, finds its arm
without anything stored. The check finds mistakes, not malice.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from proxy.policy import ArmName

UNIQUE = 20  # hex digits
LENGTH = 32
_EPOCHS = 1 << 28
_ARMS = {"1": ArmName.BASELINE, "2": ArmName.CANDIDATE}
_HEX = frozenset("0123456789abcdef")
PAIRS: Final = tuple(b"%02x" % byte for byte in range(256))  # joined sooner than formatted


def sealed(unique: str, migration: str, arm: ArmName | None, epoch: int) -> str:
    """The id of an exchange whose arm and weight epoch are known; `unique` is 20 hex digits."""
    said = unique.encode() + mark(arm, epoch)
    return f"{said.decode()}{_check(migration, said):04x}"


def mark(arm: ArmName | None, epoch: int) -> bytes:
    """The 8 digits that stand for an arm and a weight epoch."""
    digit = 0 if arm is None else 1 if arm is ArmName.BASELINE else 2
    return b"%d%07x" % (digit, epoch % _EPOCHS)


def seed(migration: str) -> int:
    """What the check of a migration's ids begins with."""
    return crc32(migration.encode("utf-8", "surrogatepass"))


def opened(id_: str, migration: str) -> tuple[ArmName, int] | None:
    """The arm and the weight epoch modulo 2**28 of an id of this migration; else None."""
    if len(id_) != LENGTH or not _HEX.issuperset(id_):
        return None
    arm = _ARMS.get(id_[UNIQUE])
    if arm is None or int(id_[-4:], 16) != _check(migration, id_[:-4].encode()):
        return None
    return arm, int(id_[UNIQUE + 1 : -4], 16)


def _check(migration: str, said: bytes) -> int:
    return crc32(said, seed(migration)) & 0xFFFF
