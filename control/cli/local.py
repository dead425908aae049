"""`rollback --local` and `retry --local`: this host's own latches, without a store or a network.

Nothing heavier is imported than the latch itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click

from control.cli.emit import emit
from control.cli.options import actor
from control.cli.outcome import Refusal
from control.migration.moment import written
from proxy import wire
from proxy.following import lastgood
from proxy.following import latch as latches
from proxy.following.latch import Note

T = TypeVar("T")


def latch(folder: Path, name: str | None, reason: object, form: str) -> None:
    """Latches a migration, or everything (None), and says so.

    Ends with exit code 1 where this host serves no such migration; the latch is set all the same.
    """
    _demand(folder)
    note = Note(actor=actor(), at=written(time.time()), reason=str(reason) if reason else None)
    _do(lambda: latches.latch(folder, name, note))
    emit(_told(folder, name, latched=True), form, _lines)
    served = _served(folder)
    if name is not None and served is not None and name not in served:
        known = ", ".join(sorted(served)) or "none"
        raise Refusal(f"{name} is latched, but this host serves no such migration; it has: {known}")


def clear(folder: Path, name: str | None, form: str) -> None:
    """Clears a migration's latch, or the one of everything (None), and says so.

    Ends with exit code 1 where there was none.
    """
    _demand(folder)
    if not _do(lambda: latches.clear(folder, name)):
        raise Refusal(_no_latch(folder, name))
    emit(_told(folder, name, latched=False), form, _lines)


def _demand(folder: Path) -> None:
    if not folder.is_dir():
        raise Refusal(
            f"there is no {folder}: give --state-dir as the host's crossfade.yaml has state_dir"
        )


def _do(work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        raise Refusal(f"nothing changed: {error}") from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _no_latch(folder: Path, name: str | None) -> str:
    held = latches.read(folder).spelt
    what = "not everything is latched here" if name is None else f"{name} has no latch of its own"
    return f"{what}; latched on this host: {', '.join(held) or 'nothing'}"


def _told(folder: Path, name: str | None, *, latched: bool) -> dict[str, object]:
    return {"name": name, "latched": latched, "state_dir": str(folder.absolute())}


def _lines(answer: object) -> Iterable[str]:
    match answer:
        case {"name": name, "latched": True, "state_dir": folder}:
            again = "--all" if name is None else name
            yield f"{name or 'every migration'}: latched on this host"
            yield "  its workers serve the baseline alone within a second, through restarts too"
            yield f"  crossfade retry {again} --local --state-dir {folder}   clears it"
        case {"name": name}:
            yield f"{name or 'every migration'}: the latch of this host is cleared"
            yield "  its workers serve again what the store says"


def _served(folder: Path) -> frozenset[str] | None:
    """The migrations of the last good snapshot; None where there is none."""
    data = lastgood.load(folder)
    return None if data is None else frozenset(one.name for one in wire.decode(data)[0].routes)
