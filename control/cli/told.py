"""What a change did, in a line for people, and the exit code that goes with it."""

from __future__ import annotations

from collections.abc import Iterable

import click

from control.cli.emit import emit
from control.cli.outcome import TimedOut


def change(answer: object, form: str) -> None:
    """Prints what a verb answered; ends with exit code 3 where some worker lags behind."""
    emit(answer, form, _lines)
    changes = answer if isinstance(answer, list) else [answer]
    if any(isinstance(one, dict) and one.get("acknowledged") is False for one in changes):
        missing = dict.fromkeys(worker for one in changes for worker in _missing(one))
        who = ", ".join(missing) or "some live worker"
        raise TimedOut(
            f"stored, but not served yet by {who}; `crossfade get` and `crossfade workers` tell "
            "when it is"
        )


def _lines(answer: object) -> Iterable[str]:
    changes = answer if isinstance(answer, list) else [answer]
    if not changes:
        yield "no migration is registered"
    for one in changes:
        yield from _line(one)


def _line(one: object) -> Iterable[str]:
    match one:
        case {
            "name": str(name),
            "changed": bool(changed),
            "phase": str(phase),
            "reason": str(reason),
            "version": int(version),
            "weights": {"candidate": int() | float() as percent},
            "timings_ms": {"stored": int() | float() as stored, "acknowledged": served} as timings,
        }:
            so = "" if changed else "unchanged: "
            yield f"{name}: {so}weight {percent:g} %, {phase} ({reason}), version {version}"
            yield f"  {_timing(stored, served)}"
            yield from _workers(timings.get("workers"))
        case _:
            raise click.ClickException("the control plane answered in a shape unknown to this CLI")


def _workers(switched: object) -> Iterable[str]:
    """When each worker switched, the slowest last; nothing where it is this process alone."""
    found = switched if isinstance(switched, dict) and len(switched) > 1 else {}
    times = {str(worker): ms for worker, ms in found.items() if isinstance(ms, int | float)}
    for worker, ms in sorted(times.items(), key=lambda one: one[1]):
        yield f"    {worker}  {ms:.1f} ms"


def _missing(one: object) -> Iterable[str]:
    found = one.get("missing") if isinstance(one, dict) else None
    return map(str, found) if isinstance(found, list | tuple) else ()


def _timing(stored: float, served: object) -> str:
    if isinstance(served, int | float):
        return f"stored after {stored:.1f} ms, served by all live workers after {served:.1f} ms"
    return f"stored after {stored:.1f} ms"
