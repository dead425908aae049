"""control.hosting.conduct: the deciding half of a process, put together and ended."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from control.hosting.conduct import Conductor, conduct
from control.store.embedded import EmbeddedStore
from control.words.notifiers import Kind, Notifier
from control.words.steps import Notify
from proxy.policy import Secret
from tests.control.notify.receiver import receiving
from tests.control.office import configured
from tests.control.ruled import COURSE, NOON_S, begun, ruled
from tests.doubles.until import until

TOLD = msgspec.structs.replace(COURSE, notify=(Notify(to="ops", every_s=60.0),))


async def conductor(folder: Path, store: EmbeddedStore) -> Conductor:
    await store.open()
    config = configured(folder)
    return conduct(config, store, lambda: None, lambda: 1_790_000_000.0, who="one:1")


async def test_it_leads_while_it_runs_and_then_another_one_may(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    async with first.running():
        await until(lambda: first.loop.leading)
        assert not await store.lead("two", 5.0)
        assert first.bearing().leading
    assert await store.lead("two", 5.0)
    await store.close()


async def test_what_goes_wrong_inside_comes_out_as_it_is(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    with pytest.raises(OSError, match="taken"):
        async with first.running():
            raise OSError("the address is taken")
    await store.close()


async def test_an_unknown_notifier_is_none(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    assert await first.test_notifier("nobody", "jane@desk") is None
    assert first.bearing().told == ()
    await store.close()


async def test_what_changes_is_told_and_updates_come(tmp_path: Path) -> None:
    """One migration at 10 %, a notifier that wants everything, and a minute that has passed."""
    async with receiving() as receiver, ruled(tmp_path, begun(course=TOLD)) as held:
        ops = Notifier(name="ops", kind=Kind.WEBHOOK, url=Secret(receiver.url))
        config = replace(configured(tmp_path), notifiers={"ops": ops})
        now = [NOON_S + 1]
        told = conduct(config, held.store, lambda: None, lambda: now[0], who="one:1")
        await told.loop.turn()
        now[0] += 60
        await told.loop.turn()
        sending = asyncio.ensure_future(told.herald.run())
        got = await receiver.received(2)
        await until(lambda: told.herald.outboxes[0].delivered == 2)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        delivery = await told.test_notifier("ops", "jane@desk")
        bearing = told.bearing()
    assert [json.loads(one.body)["topic"] for one in got[:2]] == ["step", "update"]
    assert delivery is not None
    assert delivery.delivered
    assert [one.migration for one in bearing.migrations] == ["triage"]
    assert [(one.notifier, one.sent) for one in bearing.told] == [("ops", 2)]


async def test_several_things_that_go_wrong_come_out_together(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "state")
    first = await conductor(tmp_path, store)
    first.loop.clock = _broken

    async def run() -> None:
        async with first.running():
            await asyncio.sleep(0)
            raise OSError("the address is taken")

    with pytest.raises(ExceptionGroup):
        await run()
    await store.close()


def _broken() -> float:
    raise RuntimeError("no clock")
