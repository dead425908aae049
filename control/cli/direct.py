"""Rollback, weights and a look on the store itself, where no replica answers."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import click
import msgspec

from control.cli.options import Ask
from control.cli.outcome import Refusal, Unreachable
from control.desk.commit import Decide, Order, commit, read, told
from control.desk.fleet import Fleet
from control.desk.view import Changed, View, view
from control.files import units
from control.hosting.stored import opened
from control.migration import transitions
from control.migration.book import Book
from control.migration.ledger import Stamp, State, Verb
from control.migration.moment import written
from control.refusal import Code, DeskError
from control.store import Store, StoreUnavailable
from proxy.errors import Invalid
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName, Secret
from proxy.redis.address import Address, parse

PATIENCE_S = 10.0
PASSWORD = "CROSSFADE_STORE_PASSWORD"  # noqa: S105 - where it is, not what it is

T = TypeVar("T")


def rollback(url: str, name: str | None, ask: Ask) -> object:
    """Rolls back one migration, or every one (None); as the admin API answers."""

    async def work(store: Store) -> object:
        if name is None:
            return await _rolled_back(store, ask)
        return await _changed(store, _order(Verb.ROLLBACK, name, ask), _back, ask)

    return _run(url, work)


def set_weight(url: str, name: str, percent: float, ask: Ask) -> object:
    """Gives the candidate a percent of the traffic; as the admin API answers."""
    share = units.share(percent)

    def decide(known: State | None, _: Book, stamp: Stamp) -> State:
        return transitions.set_share(_registered(known), share, stamp)

    async def work(store: Store) -> Changed:
        return await _changed(store, _order(Verb.SET_WEIGHT, name, ask), decide, ask)

    return _run(url, work)


def get(url: str, name: str) -> object:
    """A migration as the store has it: what was measured, the replicas alone know."""

    async def work(store: Store) -> View:
        book = await read(store)
        state = _registered(book.state(name))
        unknown = {arm: Figures() for arm in ArmName}
        workers, events = await store.workers(), await store.history(name, 5)
        return view(state, book.version, unknown, workers=workers, events=events)

    return _run(url, work)


async def _rolled_back(store: Store, ask: Ask) -> list[Changed]:
    """Every migration; one that fails keeps no other from it, and workers are waited for once."""
    names = [state.route.name for state in (await read(store)).states()]
    done: list[Changed] = []
    failed: list[str] = []
    for name in names:
        order = _order(Verb.ROLLBACK, name, ask)
        wait = ask["wait"] and name == names[-1]
        try:
            done.append(await _changed(store, order, _back, ask | {"wait": wait}))
        except DeskError as error:
            failed.append(f"{name} is not rolled back: {error.message}")
    if failed:
        raise Refusal("\n".join(failed))
    return done


def _back(known: State | None, _: Book, stamp: Stamp) -> State:
    return transitions.roll_back(_registered(known), stamp)


def _registered(known: State | None) -> State:
    if known is None:
        raise Refusal("no such migration is registered")
    return known


def _order(verb: Verb, name: str, ask: Ask) -> Order:
    version, reason = ask.get("expected_version"), ask.get("reason")
    return Order(
        verb=verb,
        name=name,
        actor=str(ask["actor"]),
        at=written(time.time()),
        note=None if reason is None else str(reason),
        expected_version=version if isinstance(version, int) else None,
    )


async def _changed(store: Store, order: Order, decide: Decide, ask: Ask) -> Changed:
    began = time.monotonic()
    committed = await commit(store, order, decide)
    stored_ms = round((time.monotonic() - began) * 1_000, 3)
    served = None
    if ask["wait"]:
        fleet = Fleet(store, worker=None, clock=time.monotonic)
        served = await fleet.served(committed.version, PATIENCE_S)
    return told(order, committed, stored_ms, served)


def _run(url: str, work: Callable[[Store], Awaitable[object]]) -> object:
    address = _address(url)

    async def whole() -> object:
        async with opened(address) as store:
            return msgspec.to_builtins(await work(store))

    try:
        return asyncio.run(whole())
    except DeskError as error:
        kind = Unreachable if error.code is Code.STORE_UNAVAILABLE else Refusal
        raise kind(error.message) from error
    except StoreUnavailable as error:
        raise Unreachable(f"the store cannot be used: {error}") from error


def _address(url: str) -> Address:
    try:
        address = parse(url)
    except Invalid as error:
        raise click.UsageError(f"--store {error}") from None
    password = os.environ.get(PASSWORD)
    return replace(address, password=Secret(password)) if password else address
