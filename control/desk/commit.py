"""One change of one migration by compare-and-set: read, decide, commit; a lost race starts over."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from control.desk.fleet import Served
from control.desk.outlook import weights
from control.desk.view import Changed, Timings
from control.files.problems import shown
from control.migration.book import Book, opened
from control.migration.change import shift
from control.migration.ledger import Stamp, State, Verb
from control.refusal import Code, DeskError
from control.store import Conflict, Event, Store, StoreUnavailable
from proxy.errors import Invalid

MOST_RACES = 100

# What they do depends on where the migration stands: given twice, they do two things.
_STEPPING = (Verb.PROMOTE, Verb.APPROVE, Verb.REJECT, Verb.DISMISS)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants done to one migration, and who at what time (UTC, ISO 8601).

    `expected_version` is the version that last changed the migration, 0 for one that must not
    exist; None takes it as it is.
    """

    verb: Verb
    name: str
    actor: str
    at: str
    note: str | None = None
    expected_version: int | None = None


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """The migration after an order, and the document's version that holds it."""

    state: State
    version: int
    changed: bool


Decide = Callable[[State | None, Book, Stamp], State]


async def commit(store: Store, order: Order, decide: Decide) -> Committed:
    """Carries an order out, deciding afresh on each version that came in between.

    Refuses a stale `expected_version`, except for a rollback of what is rolled back already: it may
    have been this very order, whose answer got lost. What goes on from where the migration stands
    (a promotion, an approval) is refused as well where that changed after the first look.
    """
    for _ in range(MOST_RACES):
        book = await read(store)
        known = book.state(order.name)
        if order.verb in _STEPPING and order.expected_version is None and known is not None:
            seen = known.entry.changed_version
            order = msgspec.structs.replace(order, expected_version=seen)
        state = _decided(order, known, book, decide)
        if state is known:
            return Committed(state=state, version=book.version, changed=False)
        amended = book.amended([state])
        try:
            await store.commit(amended.document(), book.version, _event(order, known, state))
        except Conflict:
            continue
        except StoreUnavailable as error:
            raise DeskError(
                Code.STORE_UNAVAILABLE,
                f"the store cannot be written: {error}; nobody knows whether the change was made, "
                f"{_again(order.verb)}",
            ) from error
        except Invalid as error:
            raise DeskError(Code.INVALID_DOCUMENT, f"nothing changed: {error}") from error
        return Committed(state=state, version=amended.version, changed=True)
    raise DeskError(Code.BUSY, f"{order.verb} lost {MOST_RACES} races; try again")


async def read(store: Store) -> Book:
    """The newest document, opened. Refuses a store that cannot be read or holds nonsense."""
    try:
        return opened((await store.read()).document)
    except StoreUnavailable as error:
        raise DeskError(Code.STORE_UNAVAILABLE, f"the store cannot be read: {error}") from error
    except Invalid as error:
        raise DeskError(
            Code.STORE_UNREADABLE, f"the store's document is invalid: {error}"
        ) from error


def registered(name: str, known: State | None) -> State:
    """The state that is known. Refuses a name that nothing is registered by."""
    if known is None:
        raise DeskError(Code.UNKNOWN_MIGRATION, f"no migration {shown(name)} is registered")
    return known


def told(
    order: Order, committed: Committed, stored_ms: float, served: Served | None = None
) -> Changed:
    """What an order did, for whoever gave it; without `served` nobody waited for the workers."""
    state = committed.state
    return Changed(
        name=order.name,
        verb=order.verb,
        changed=committed.changed,
        phase=state.entry.phase,
        reason=state.entry.reason,
        version=state.entry.changed_version,
        weights=weights(state.route.split.share),
        latched=state.entry.latched,
        acknowledged=None if served is None else served.complete,
        timings_ms=_timings(stored_ms, served),
        missing=() if served is None else served.missing,
    )


def _timings(stored_ms: float, served: Served | None) -> Timings:
    if served is None:
        return Timings(stored=stored_ms)
    workers = {worker: round(stored_ms + ms, 3) for worker, ms in served.workers.items()}
    last = max(workers.values(), default=stored_ms)
    return Timings(
        stored=stored_ms, acknowledged=last if served.complete else None, workers=workers
    )


def _decided(order: Order, known: State | None, book: Book, decide: Decide) -> State:
    current = 0 if known is None else known.entry.changed_version
    if order.expected_version not in (None, current) and not _done_before(order, known):
        raise _conflict(order, known, current)
    stamp = Stamp(version=book.version + 1, actor=order.actor, at=order.at, note=order.note)
    return decide(known, book, stamp)


def _again(verb: Verb) -> str:
    if verb in _STEPPING:
        return f"look with 'get' before another {verb}, which would go on from there"
    return "and trying again does no harm"


def _done_before(order: Order, known: State | None) -> bool:
    return order.verb is Verb.ROLLBACK and known is not None and known.entry.latched


def _conflict(order: Order, known: State | None, current: int) -> DeskError:
    where = "it is not registered"
    if known is not None:
        weight = weights(known.route.split.share).candidate
        where = (
            f"{known.entry.since.actor} left it {known.entry.phase} at weight {weight:g} "
            f"({known.entry.reason})"
        )
    return DeskError(
        Code.VERSION_CONFLICT,
        f"{order.name} is at version {current}, not {order.expected_version}: {where}",
        current=current,
    )


def _event(order: Order, known: State | None, state: State) -> Event:
    before = 0 if known is None else known.route.split.share
    return Event(
        version=state.entry.changed_version,
        migration=order.name,
        verb=order.verb,
        phase=state.entry.phase,
        actor=order.actor,
        reason=order.note,
        at=order.at,
        evidence={
            **shift(before, state.route.split.share),
            "cause": state.entry.cause.value,
            **({} if state.entry.place is None else {"step": state.entry.place}),
        },
    )
