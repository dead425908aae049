"""A document, opened: every change makes the next version, and nothing else moves."""

from __future__ import annotations

import msgspec
import pytest

from control.migration import ledger
from control.migration.book import Book, opened
from control.migration.ledger import Ledger, Phase
from proxy import wire
from proxy.errors import Invalid
from proxy.policy import Snapshot
from tests.control.states import state
from tests.proxy.routes import route


def test_an_empty_store_is_version_0_without_migrations() -> None:
    book = opened(None)
    assert (book.version, book.states()) == (0, ())


def test_a_book_comes_back_from_its_document() -> None:
    book = opened(None).amended([state("triage"), state("billing", phase=Phase.DEGRADED)])
    again = opened(book.document())
    assert again == book
    assert again.state("billing") == state("billing", phase=Phase.DEGRADED)
    assert again.state("absent") is None


def test_workers_read_the_routes_without_the_ledger() -> None:
    book = opened(None).amended([state("triage", phase=Phase.PROGRESSING, share=250)])
    snapshot, _ = wire.decode(book.document())
    assert snapshot == Snapshot(epoch=1, version=1, routes=(route("triage", share=250),))


def test_a_change_replaces_one_migration_in_its_place() -> None:
    book = opened(None).amended([state("a")]).amended([state("b")]).amended([state("c")])
    changed = state("b", phase=Phase.PROGRESSING, share=100, version=4)
    after = book.amended([changed])
    assert after.version == 4
    assert after.states() == (state("a"), changed, state("c"))
    assert book.version == 3


def test_a_route_without_an_entry_and_an_entry_without_a_route_are_refused() -> None:
    snapshot = Snapshot(epoch=1, version=1, routes=(route(),))
    with pytest.raises(Invalid, match="different migrations"):
        Book(snapshot=snapshot, ledger=Ledger())
    with pytest.raises(Invalid, match="different migrations"):
        opened(wire.encode(snapshot, ledger.encode(Ledger(entries={"x": state().entry}))))


def test_damage_is_refused() -> None:
    document = opened(None).amended([state()]).document()
    with pytest.raises(Invalid):
        opened(document[:-20])


def test_the_epoch_survives_every_change() -> None:
    book = opened(None)
    raised = msgspec.structs.replace(book, snapshot=msgspec.structs.replace(book.snapshot, epoch=7))
    assert raised.amended([state()]).snapshot.epoch == 7
