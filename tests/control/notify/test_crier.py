"""control.notify.crier: what there is to tell, once."""

from __future__ import annotations

import msgspec
import pytest

from control.migration.book import Book
from control.migration.ledger import Ledger, Phase, State, Verb
from control.migration.moment import written
from control.notify.crier import FRESH_S, Crier
from control.notify.message import Message, Topic
from control.notify.updates import update
from control.store import Event
from control.words.steps import Course, Notify, Occasion
from control.words.verdict import Verdict
from proxy.policy import Snapshot
from tests.control.states import state
from tests.doubles.documents import event

NOW_S = 1_790_000_000.0
OPS = Notify(to="ops", on=(Occasion.STEP, Occasion.ROLLED_BACK))
BOARD = Notify(to="board", on=(Occasion.DONE,), every_s=600.0)


class Archive:
    """A history in memory; `events` are the oldest first."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.asked = 0

    async def history(self, name: str, limit: int) -> list[Event]:
        self.asked += 1
        return [one for one in reversed(self.events) if one.migration == name][:limit]

    def happened(
        self, version: int, verb: Verb, *, at_s: float = NOW_S, phase: Phase = Phase.PROGRESSING
    ) -> None:
        self.events.append(event(version, verb=verb, phase=phase, at=written(at_s), reason=None))


class Town:
    """A crier, what it reads, and what was told to whom."""

    def __init__(self, *notify: Notify) -> None:
        self.archive = Archive()
        self.told: list[tuple[str, Message]] = []
        self.notify = notify or (OPS,)
        self.crier = Crier(
            self.archive,
            lambda to, message: self.told.append((to, message)),
            lambda of, now_s: update(of, Verdict(), None, environment="production", now_s=now_s),
            environment="production",
        )

    def ids(self) -> list[str]:
        return [f"{to} {message.id}" for to, message in self.told]

    async def look(
        self, version: int, *, now_s: float = NOW_S, phase: Phase = Phase.PROGRESSING
    ) -> None:
        await self.crier.look(book(self.notify, version, phase).states(), now_s)


def book(notify: tuple[Notify, ...], version: int, phase: Phase) -> Book:
    known = state("triage", phase=phase, share=0, version=version)
    entry = msgspec.structs.replace(known.entry, course=Course(notify=notify))
    return Book(
        snapshot=Snapshot(epoch=1, version=version, routes=(known.route,)),
        ledger=Ledger(entries={"triage": State(entry=entry, route=known.route).entry}),
    )


async def test_what_has_just_happened_is_told_once() -> None:
    town = Town()
    town.archive.happened(1, Verb.APPLY)
    town.archive.happened(2, Verb.START)
    await town.look(2)
    await town.look(2)
    assert town.ids() == ["ops triage/2/step"]
    assert town.archive.asked == 1


async def test_what_happens_later_is_told_then_in_order() -> None:
    town = Town()
    await town.look(1)
    town.archive.happened(2, Verb.START)
    town.archive.happened(3, Verb.ROLLBACK, phase=Phase.DEGRADED)
    await town.look(3, phase=Phase.DEGRADED)
    assert town.ids() == ["ops triage/2/step", "ops triage/3/rolled_back"]


async def test_who_takes_the_lead_does_not_tell_old_news() -> None:
    town = Town()
    town.archive.happened(1, Verb.START, at_s=NOW_S - FRESH_S - 1)
    town.archive.happened(2, Verb.STEP, at_s=NOW_S - FRESH_S + 1)
    await town.look(2)
    assert town.ids() == ["ops triage/2/step"]


async def test_a_leader_that_could_not_look_for_long_tells_it_all_the_same() -> None:
    town = Town()
    town.archive.happened(1, Verb.APPLY)
    await town.look(1)
    town.archive.happened(2, Verb.START, at_s=NOW_S + 1)
    await town.look(2, now_s=NOW_S + 3_600)
    assert town.ids() == ["ops triage/2/step"]


async def test_what_somebody_else_told_meanwhile_is_not_told_again() -> None:
    town = Town()
    town.archive.happened(1, Verb.APPLY)
    await town.look(1)
    town.crier.stand_by()
    town.archive.happened(2, Verb.START, at_s=NOW_S + 1)
    await town.look(2, now_s=NOW_S + 3_600)
    assert town.ids() == []


async def test_a_history_that_cannot_be_read_is_read_at_the_next_look() -> None:
    town = Town()
    town.archive.happened(1, Verb.START)
    kept, town.archive.history = town.archive.history, unreadable  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        await town.look(1)
    town.archive.history = kept  # type: ignore[method-assign]
    await town.look(1)
    assert town.ids() == ["ops triage/1/step"]


async def unreadable(name: str, limit: int) -> list[Event]:
    raise RuntimeError("out of reach")


async def test_each_notifier_is_told_of_what_it_asks_for() -> None:
    town = Town(OPS, BOARD)
    await town.look(1)
    town.archive.happened(2, Verb.STEP)
    town.archive.happened(3, Verb.STEP, phase=Phase.HEALTHY)
    await town.look(3, phase=Phase.HEALTHY)
    assert town.ids() == ["ops triage/2/step", "board triage/3/done"]


async def test_without_notifiers_no_history_is_read() -> None:
    town = Town()
    town.notify = ()
    town.archive.happened(1, Verb.START)
    await town.look(1)
    assert (town.told, town.archive.asked) == ([], 0)


async def test_updates_come_at_whole_multiples_of_their_interval_while_a_ramp_runs() -> None:
    town = Town(BOARD)
    boundary = NOW_S // 600 * 600 + 600
    await town.look(1, now_s=boundary - 2)
    await town.look(1, now_s=boundary - 1)
    assert town.told == []
    for second in range(5):
        await town.look(1, now_s=boundary + second)
    assert [(to, one.topic) for to, one in town.told] == [("board", Topic.UPDATE)]
    await town.look(1, now_s=boundary + 600, phase=Phase.PAUSED)
    assert len(town.told) == 1
    await town.look(1, now_s=boundary + 1_200)
    assert len(town.told) == 2


async def test_a_new_leader_waits_for_the_next_multiple() -> None:
    town = Town(BOARD)
    boundary = NOW_S // 600 * 600 + 600
    await town.look(1, now_s=boundary - 1)
    town.crier.stand_by()
    await town.look(1, now_s=boundary + 1)
    assert town.told == []
