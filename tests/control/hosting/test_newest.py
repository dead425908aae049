"""control.hosting.newest: what a tick needs of a book, opened once."""

from __future__ import annotations

import msgspec
import pytest

from control.hosting.newest import Newest
from control.migration.book import Book
from control.migration.ledger import Ledger, State
from control.words.steps import Course, Notify
from proxy.errors import Invalid
from proxy.policy import Snapshot
from tests.control.ruled import begun
from tests.control.states import state


def book(*states: State, version: int = 1) -> Book:
    return Book(
        snapshot=Snapshot(epoch=1, version=version, routes=tuple(one.route for one in states)),
        ledger=Ledger(entries={one.route.name: one.entry for one in states}),
    )


def told(name: str) -> State:
    known = state(name)
    course = Course(notify=(Notify(to="ops"),))
    return State(entry=msgspec.structs.replace(known.entry, course=course), route=known.route)


async def test_a_document_is_opened_once() -> None:
    newest = Newest()
    document = book(begun()).document()
    first = await newest.take(document)
    assert await newest.take(bytes(document)) is first
    assert list(newest.states) == ["triage"]


async def test_another_document_is_another_book() -> None:
    newest = Newest()
    await newest.take(book(begun()).document())
    await newest.take(book(begun(), begun("billing"), version=2).document())
    assert list(newest.states) == ["triage", "billing"]


async def test_what_was_just_committed_needs_no_opening() -> None:
    newest = Newest()
    amended = book(begun())
    newest.turn(amended, amended.document())
    assert await newest.take(amended.document()) is amended


async def test_an_empty_store_is_an_empty_book() -> None:
    newest = Newest()
    assert (await newest.take(None)).version == 0
    assert newest.ruled == ()


async def test_a_document_that_cannot_be_trusted_changes_nothing() -> None:
    newest = Newest()
    known = await newest.take(book(begun()).document())
    with pytest.raises(Invalid):
        await newest.take(b"damaged")
    assert newest.book is known


async def test_only_what_has_limits_or_a_ramp_is_ruled_and_only_what_asks_for_it_is_told() -> None:
    newest = Newest()
    await newest.take(book(state("by-hand"), begun("ramped"), told("told")).document())
    assert newest.ruled == ("ramped",)
    assert [one.route.name for one in newest.told] == ["told"]
