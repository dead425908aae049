"""A rollback that the store cannot take: the host is latched, and the store gets it in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from control.desk import glass as glasses
from control.desk.commit import Order
from control.desk.glass import Glass
from control.migration.ledger import Verb
from control.refusal import Code, DeskError
from proxy.following import latch
from proxy.following.latch import Note
from proxy.following.latched import Latched

ORDER = Order(
    verb=Verb.ROLLBACK, name="triage", actor="jane@desk", at="2026-01-02T03:04:05Z", note="bad"
)
NOTE = Note(actor="jane@desk", at=ORDER.at, reason="bad", replay=True)
OTHERS = ("a:1:2", "a:1:3", "b:7:8", "b:7:9", "c:5")


class Bench:
    """A glass of host a:1, and how often its workers were told to look."""

    def __init__(self, folder: Path, names: frozenset[str] | None = frozenset({"triage"})) -> None:
        self.looks = 0
        self.looked = asyncio.Event()
        self.refreshed = asyncio.Event()
        self.folder = folder
        self.glass = Glass(
            state_dir=folder,
            own="a:1",
            others=lambda: OTHERS,
            names=lambda: names,
            look=self._look,
        )

    def _look(self) -> None:
        self.looks += 1
        self.looked.set()

    async def refresh(self) -> None:
        self.refreshed.set()

    @property
    def latched(self) -> Latched:
        return latch.read(self.folder)

    async def refused(
        self, work: Callable[[], Awaitable[object]], order: Order = ORDER
    ) -> DeskError:
        with pytest.raises(DeskError) as refusal:
            await self.glass.guarded(order, work)
        return refusal.value


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def failing(code: Code, message: str = "it is gone") -> Callable[[], Awaitable[object]]:
    async def work() -> object:
        raise DeskError(code, message)

    return work


async def done() -> str:
    return "done"


async def test_what_the_store_takes_breaks_nothing(bench: Bench) -> None:
    assert await bench.glass.guarded(ORDER, done) == "done"
    assert (bench.latched, bench.glass.pending) == (Latched(), {})


@pytest.mark.parametrize("code", [Code.STORE_UNAVAILABLE, Code.STORE_UNREADABLE, Code.BUSY])
async def test_a_store_that_fails_latches_the_host_and_names_the_others(
    bench: Bench, code: Code
) -> None:
    refusal = await bench.refused(failing(code))
    assert refusal.code is Code.LATCHED_HERE
    assert "not reached: b:7, c; on each of them run 'crossfade rollback triage --local'" in (
        refusal.message
    )
    assert bench.latched == Latched(names=frozenset({"triage"}))
    assert latch.note(bench.folder, "triage") == NOTE
    assert bench.glass.pending == {"triage": NOTE}
    assert bench.looks == 1


async def test_who_asks_again_without_a_word_means_what_was_said(bench: Bench) -> None:
    silent = Order(verb=Verb.ROLLBACK, name="triage", actor="joe@desk", at=ORDER.at)
    for order in (ORDER, silent):
        await bench.refused(failing(Code.STORE_UNAVAILABLE), order)
    assert bench.glass.pending == {"triage": NOTE}
    assert latch.note(bench.folder, "triage") == NOTE
    loud = Order(verb=Verb.ROLLBACK, name="triage", actor="joe@desk", at=ORDER.at, note="worse")
    await bench.refused(failing(Code.STORE_UNAVAILABLE), loud)
    assert bench.glass.pending["triage"].reason == "worse"


async def test_a_store_that_does_not_answer_is_not_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glasses, "STORE_S", 0.01)

    async def hanging() -> object:
        await asyncio.Event().wait()
        return None

    assert (await bench.refused(hanging)).code is Code.LATCHED_HERE
    assert bench.latched.holds("triage")


async def test_only_a_rollback_breaks_the_glass(bench: Bench) -> None:
    for verb in (Verb.SET_WEIGHT, Verb.RETRY, Verb.PROMOTE):
        order = Order(verb=verb, name="triage", actor="j", at=ORDER.at)
        refusal = await bench.refused(failing(Code.STORE_UNAVAILABLE), order)
        assert refusal.code is Code.STORE_UNAVAILABLE
    assert bench.latched == Latched()


async def test_a_no_of_the_desk_is_no_reason(bench: Bench) -> None:
    assert (await bench.refused(failing(Code.UNKNOWN_MIGRATION))).code is Code.UNKNOWN_MIGRATION
    assert bench.latched == Latched()


async def test_what_this_host_does_not_serve_is_not_latched(bench: Bench, tmp_path: Path) -> None:
    order = Order(verb=Verb.ROLLBACK, name="triaje", actor="j", at=ORDER.at)
    refusal = await bench.refused(failing(Code.STORE_UNAVAILABLE), order)
    assert refusal.code is Code.UNKNOWN_MIGRATION
    assert bench.latched == Latched()
    unsure = Bench(tmp_path, None)  # it has no snapshot yet
    assert (await unsure.refused(failing(Code.STORE_UNAVAILABLE), order)).code is Code.LATCHED_HERE


async def test_a_disk_that_refuses_too_is_said_in_capitals(bench: Bench) -> None:
    (bench.folder / "latch").write_bytes(b"a file")
    refusal = await bench.refused(failing(Code.STORE_UNAVAILABLE))
    assert refusal.code is Code.STORE_UNAVAILABLE
    assert refusal.message.startswith("NOTHING WAS ROLLED BACK")


async def test_everything_is_latched_where_nobody_can_tell_what_there_is(bench: Bench) -> None:
    with pytest.raises(DeskError, match="every migration is latched on this host alone"):
        await bench.glass.guarded_all(NOTE, failing(Code.STORE_UNAVAILABLE))
    assert bench.latched.everything


class Answers:
    """What repeats a rollback: it fails as `answers` say, and then it has it."""

    def __init__(self, bench: Bench, *answers: Code | tuple[str, ...]) -> None:
        self.asked: list[str | None] = []
        self.over = asyncio.Event()
        self._answers = list(answers)
        self._bench = bench

    async def again(self, name: str | None, note: Note) -> Sequence[str]:
        self.asked.append(name)
        answer = self._answers.pop(0)
        if not self._answers:
            self.over.set()
        if isinstance(answer, Code):
            raise DeskError(answer, "no")
        return answer


async def repeated(bench: Bench, *answers: Code | tuple[str, ...]) -> Answers:
    """The store, when it has given all its answers and the glass has gone on."""
    store = Answers(bench, *answers)
    bench.looked.clear()
    running = asyncio.create_task(bench.glass.run(store.again, bench.refresh))
    await store.over.wait()
    if isinstance(answers[-1], tuple):
        await bench.looked.wait()
    running.cancel()
    await asyncio.wait([running])
    return store


async def test_it_is_repeated_until_the_store_has_it_and_then_the_latch_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glasses, "AGAIN_S", 0.001)
    await bench.refused(failing(Code.STORE_UNAVAILABLE))
    store = await repeated(bench, Code.LATCHED_HERE, ("a:1:2",), ("b:7:8",))
    assert store.asked == ["triage"] * 3  # own workers that lag behind keep the latch
    assert (bench.latched, bench.glass.pending) == (Latched(), {})
    assert bench.refreshed.is_set()


async def test_it_is_repeated_by_the_next_process_too(bench: Bench, tmp_path: Path) -> None:
    await bench.refused(failing(Code.STORE_UNAVAILABLE))
    heir = Bench(tmp_path)
    assert (await repeated(heir, ())).asked == ["triage"]
    assert heir.latched == Latched()


async def test_a_latch_that_was_set_on_purpose_stays(bench: Bench) -> None:
    latch.latch(bench.folder, "triage", Note(actor="joe@host", at=ORDER.at))
    await bench.refused(failing(Code.STORE_UNAVAILABLE))
    await repeated(bench, ())
    assert bench.latched.holds("triage")
    assert bench.glass.pending == {}


async def test_what_the_store_refuses_for_good_is_given_up_and_the_latch_stays(
    bench: Bench,
) -> None:
    await bench.refused(failing(Code.STORE_UNAVAILABLE))
    await repeated(bench, Code.UNKNOWN_MIGRATION)
    assert bench.glass.pending == {}
    assert bench.latched.holds("triage")


@pytest.mark.parametrize("code", [Code.BUSY, Code.STORE_UNAVAILABLE])
async def test_what_fails_for_now_is_repeated(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: Code
) -> None:
    monkeypatch.setattr(glasses, "AGAIN_S", 0.001)
    await bench.refused(failing(Code.STORE_UNAVAILABLE))
    assert (await repeated(bench, code, ())).asked == ["triage"] * 2
    assert bench.latched == Latched()


async def test_what_is_repeated_is_no_stranger_to_a_host_that_has_restarted(
    bench: Bench, tmp_path: Path
) -> None:
    await bench.refused(failing(Code.STORE_UNAVAILABLE))
    heir = Bench(tmp_path, frozenset())  # its last good snapshot is older than the migration
    heir.glass.pending |= bench.glass.pending
    assert (await heir.refused(failing(Code.STORE_UNAVAILABLE))).code is Code.LATCHED_HERE


async def test_latches_that_cannot_be_read_are_told(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    (bench.folder / "latch").write_bytes(b"a file")
    running = asyncio.create_task(bench.glass.run(Answers(bench, ()).again, bench.refresh))
    await bench.refreshed.wait()
    running.cancel()
    await asyncio.wait([running])
    assert "latches_unreadable" in caplog.text
