"""Finds out what there is to tell: new events of the history, and the time for an update.

It remembers in memory alone. Whoever takes the lead tells again what happened in the last half
minute, since its predecessor may have died before it did: the messages' ids are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from control.migration.ledger import State
from control.migration.moment import seconds
from control.migration.phases import RUNNING
from control.notify import words
from control.notify.message import Message, Topic
from control.store import Event
from control.words.steps import Notify

FRESH_S = 30.0
MOST_EVENTS = 50

Tell = Callable[[str, Message], None]
Update = Callable[[State, float], Message]


class Past(Protocol):
    """Where the history of migrations is."""

    async def history(self, name: str, limit: int) -> list[Event]:
        """The latest `limit` events of the migration `name`, newest first."""
        ...


class Crier:
    """Tells notifiers what the migrations' files ask for; `update` makes an update's message."""

    def __init__(self, past: Past, tell: Tell, update: Update, *, environment: str) -> None:
        self._past = past
        self._tell = tell
        self._update = update
        self._environment = environment
        self._told: dict[str, int] = {}
        self._slots: dict[tuple[str, Notify], int] = {}
        self._led = False

    def stand_by(self) -> None:
        """Somebody else tells from here on."""
        self._led = False

    async def look(self, states: Iterable[State], now_s: float) -> None:
        """Tells what is new since the last look, and what a lost store kept back before."""
        newly = not self._led
        for state in states:
            if state.entry.course.notify:
                await self._events(state, now_s, newly=newly)
                self._updates(state, now_s, newly=newly)
        self._led = True

    async def _events(self, state: State, now_s: float, *, newly: bool) -> None:
        name, newest = state.route.name, state.entry.changed_version
        told = self._told.get(name, 0)
        if newest <= told:
            return
        for event in reversed(await self._past.history(name, MOST_EVENTS)):
            stale = (newly or not told) and seconds(event.at) < now_s - FRESH_S
            if event.version > told and not stale:
                self._say(words.told(event, self._environment), state)
        self._told[name] = newest

    def _say(self, message: Message | None, state: State) -> None:
        if message is None:
            return
        for notify in state.entry.course.notify:
            if message.topic in {Topic(occasion) for occasion in notify.on}:
                self._tell(notify.to, message)

    def _updates(self, state: State, now_s: float, *, newly: bool) -> None:
        """At whole multiples of the interval, UTC, so that a new leader keeps the times."""
        for notify in state.entry.course.notify:
            if notify.every_s is None:
                continue
            slot, key = int(now_s // notify.every_s), (state.route.name, notify)
            due = slot != self._slots.get(key, slot) and not newly
            self._slots[key] = slot
            if due and state.entry.phase in RUNNING:
                self._tell(notify.to, self._update(state, now_s))
