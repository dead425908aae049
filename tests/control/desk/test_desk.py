"""The desk's verbs, with a real store and a real worker behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from control.desk.desk import Ask
from control.desk.view import View
from control.migration.ledger import Phase, Source, Verb
from control.refusal import Code, DeskError
from control.store import Event, Store
from proxy.errors import Invalid
from proxy.policy import Dialect
from tests.control.office import ASK, Office, migration, office, source


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_apply_registers_at_weight_0(here: Office) -> None:
    done = await here.desk.apply("triage", source(), ASK)
    assert (done.verb, done.changed, done.version) == (Verb.APPLY, True, 1)
    assert (done.phase, done.reason, done.latched) == (Phase.PENDING, "Registered", False)
    assert (done.weights.baseline, done.weights.candidate) == (100, 0)
    assert done.acknowledged is True
    route = here.served[-1].routes[0]
    assert (route.name, route.split.share, route.dialect) == ("triage", 0, Dialect.OPENAI)
    assert route.baseline.model == "gpt-4o-2024-08-06"


class Overheard(dict[str, str]):
    """Files that know which threads looked for them."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.threads: set[int] = set()

    def __contains__(self, name: object) -> bool:
        self.threads.add(threading.get_ident())
        return super().__contains__(name)


async def test_a_file_is_read_beside_the_loop_that_carries_traffic(here: Office) -> None:
    files = Overheard({"p.txt": "Be brief."})
    text = migration(more="candidate_edits: {system_prompt: {replace_file: p.txt}}\n")
    await here.desk.apply("triage", Source(text=text, files=files), ASK)
    assert files.threads
    assert threading.get_ident() not in files.threads


async def test_a_weight_is_served_when_the_verb_returns(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    done = await here.desk.set_weight("triage", 12.5, ASK)
    assert (done.phase, done.weights.candidate, done.version) == (Phase.PROGRESSING, 12.5, 2)
    assert done.acknowledged is True
    assert here.served[-1].version == 2
    assert here.served[-1].routes[0].split.share == 1_250
    assert done.timings_ms.acknowledged is not None
    assert 0 <= done.timings_ms.stored <= done.timings_ms.acknowledged


async def test_the_salt_is_drawn_once_and_for_good(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    salt = here.served[-1].routes[0].salt
    await here.desk.apply("triage", source(more="allow_force: true\n"), ASK)
    await here.desk.set_weight("triage", 50, ASK)
    await here.desk.rollback("triage", ASK)
    await here.desk.retry("triage", ASK)
    assert {snapshot.routes[0].salt for snapshot in here.served[1:]} == {salt}


async def test_a_rollback_latches_until_retry(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    await here.desk.set_weight("triage", 100, ASK)
    done = await here.desk.rollback("triage", replace(ASK, reason="wrong answers"))
    assert (done.phase, done.latched, done.weights.candidate) == (Phase.DEGRADED, True, 0)
    assert done.reason == "RolledBack: wrong answers"
    assert here.served[-1].routes[0].split.share == 0
    with pytest.raises(DeskError) as refused:
        await here.desk.set_weight("triage", 1, ASK)
    assert refused.value.code is Code.LATCHED
    cleared = await here.desk.retry("triage", ASK)
    assert (cleared.phase, cleared.latched, cleared.weights.candidate) == (Phase.PENDING, False, 0)
    assert (await here.desk.set_weight("triage", 1, ASK)).phase is Phase.PROGRESSING


async def test_a_second_rollback_changes_nothing_and_is_acknowledged(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    first = await here.desk.rollback("triage", ASK)
    second = await here.desk.rollback("triage", ASK)
    assert (second.changed, second.version, second.acknowledged) == (False, first.version, True)
    assert len(await here.desk.history("triage")) == 2


async def test_all_migrations_roll_back_at_once(here: Office) -> None:
    for name, model in (("a", "gpt-4o"), ("b", "gpt-5"), ("c", "o3")):
        await here.desk.apply(name, source(name, match=model), ASK)
        await here.desk.set_weight(name, 10, ASK)
    await here.desk.rollback("b", ASK)
    done = await here.desk.rollback_all(replace(ASK, reason="outage"))
    assert [(one.name, one.changed, one.latched) for one in done] == [
        ("a", True, True),
        ("b", False, True),
        ("c", True, True),
    ]
    assert done[-1].acknowledged is True
    assert [route.split.share for route in here.served[-1].routes] == [0, 0, 0]


class Picky:
    """A store that takes nothing of migration `a`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def commit(self, document: bytes, expected: int, event: Event) -> None:
        if event.migration == "a":
            raise Invalid("too large")
        await self._store.commit(document, expected, event)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


async def test_one_that_cannot_roll_back_keeps_no_other_from_it(here: Office) -> None:
    for name, model in (("a", "gpt-4o"), ("b", "gpt-5")):
        await here.desk.apply(name, source(name, match=model), ASK)
        await here.desk.set_weight(name, 10, ASK)
    object.__setattr__(here.desk, "store", Picky(here.store))
    with pytest.raises(DeskError, match=r"^a is not rolled back: ") as refused:
        await here.desk.rollback_all(ASK)
    assert refused.value.code is Code.INVALID_DOCUMENT
    assert [one.latched for one in await here.desk.list()] == [False, True]


async def test_all_of_none_is_nothing(here: Office) -> None:
    assert await here.desk.rollback_all(ASK) == ()


async def test_nobody_waits_who_does_not_want_to(here: Office) -> None:
    done = await here.desk.apply("triage", source(), replace(ASK, wait=False))
    assert (done.acknowledged, done.timings_ms.acknowledged) == (None, None)
    assert await here.watch.reached(1, 10.0)


async def test_a_worker_that_lags_is_told_of_and_the_change_stands(tmp_path: Path) -> None:
    async with office(tmp_path, serving=False) as here:
        done = await here.desk.apply("triage", source(), ASK)
        assert (done.acknowledged, done.timings_ms.acknowledged) == (False, None)
        assert (await here.desk.get("triage")).version == 1


@pytest.mark.parametrize("percent", [-1, 100.01, 1.234, "ten", True, float("nan"), float("inf")])
async def test_a_percent_that_is_none_is_refused(here: Office, percent: object) -> None:
    await here.desk.apply("triage", source(), ASK)
    with pytest.raises(DeskError) as refused:
        await here.desk.set_weight("triage", percent, ASK)
    assert refused.value.code is Code.INVALID_PERCENT


async def test_an_unknown_migration_is_refused_by_every_verb(here: Office) -> None:
    desk = here.desk
    for verb in (
        desk.set_weight("absent", 1, ASK),
        desk.rollback("absent", ASK),
        desk.retry("absent", ASK),
        desk.get("absent"),
        desk.history("absent"),
    ):
        with pytest.raises(DeskError, match="no migration absent") as refused:
            await verb
        assert refused.value.code is Code.UNKNOWN_MIGRATION


async def test_an_invalid_file_is_refused_with_all_its_problems(here: Office) -> None:
    broken = source(more="mirror: {percent: 10}\nstikky: {}\n")
    with pytest.raises(DeskError) as refused:
        await here.desk.apply("triage", broken, ASK)
    assert refused.value.code is Code.INVALID_MIGRATION
    assert len(refused.value.problems) == 2
    assert "triage.yaml:7: mirror" in refused.value.problems[0]
    assert "did you mean sticky" in refused.value.problems[1]


async def test_a_file_of_another_migration_is_refused(here: Office) -> None:
    with pytest.raises(DeskError, match="is of other, not of triage") as refused:
        await here.desk.apply("triage", source("other"), ASK)
    assert refused.value.code is Code.NAME_MISMATCH


async def test_two_migrations_that_tie_are_refused(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    with pytest.raises(DeskError, match="second and triage") as refused:
        await here.desk.apply("second", source("second"), ASK)
    assert refused.value.code is Code.AMBIGUOUS_MATCH


async def test_prompt_files_are_sent_along_and_kept(here: Office) -> None:
    more = "candidate_edits: {system_prompt: {replace_file: prompts/v2.txt}}\n"
    sent = source(more=more)
    sent = type(sent)(text=sent.text, files={"prompts/v2.txt": "Be brief."})
    await here.desk.apply("triage", sent, ASK)
    prompt = here.served[-1].routes[0].candidate.edits.system_prompt
    assert prompt is not None
    assert prompt.text == "Be brief."


async def test_of_a_hundred_with_one_expected_version_exactly_one_wins(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    ask = replace(ASK, expected_version=1, wait=False)
    answers = await asyncio.gather(
        *(here.desk.set_weight("triage", 1 + n % 7, ask) for n in range(100)),
        return_exceptions=True,
    )
    lost = [answer for answer in answers if isinstance(answer, DeskError)]
    assert len(lost) == 99
    assert {answer.code for answer in lost} == {Code.VERSION_CONFLICT}
    assert {answer.current for answer in lost} == {2}
    assert (await here.store.read()).version == 2


async def test_a_rollback_wins_over_whatever_is_set_beside_it(here: Office) -> None:
    await here.desk.apply("triage", source(), ASK)
    ask = replace(ASK, wait=False)
    answers = await asyncio.gather(
        *(here.desk.set_weight("triage", 1 + n, ask) for n in range(20)),
        here.desk.rollback("triage", ask),
        *(here.desk.set_weight("triage", 50 + n, ask) for n in range(20)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, DeskError)]
    assert {answer.code for answer in refused} == {Code.LATCHED}
    view = await here.desk.get("triage")
    assert (view.phase, view.weights.candidate) == (Phase.DEGRADED, 0)


async def test_two_desks_on_one_store_lose_no_change(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.desk.apply("triage", source(), ASK)
        other = replace(here.desk, _turn=asyncio.Lock())
        ask = replace(ASK, wait=False)
        done = await asyncio.gather(
            *(desk.set_weight("triage", n, ask) for n in range(1, 9) for desk in (here.desk, other))
        )
        versions = sorted(one.version for one in done if one.changed)
        assert versions == list(range(2, 2 + len(versions)))
        assert len(await here.desk.history("triage")) == 1 + len(versions)


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.desk.apply("triage", source(), ASK)
        await here.desk.set_weight("triage", 33.33, ASK)
        before = (await _settled(here), here.served[-1])
    async with office(tmp_path) as here:
        assert await here.watch.reached(2, 10.0)
        assert (await _settled(here), here.served[-1]) == before


async def _settled(here: Office) -> View:
    """What holds of a migration whoever serves it."""
    return msgspec.structs.replace(await here.desk.get("triage"), workers=())


async def test_each_change_is_logged_once_without_free_text(
    here: Office, caplog: pytest.LogCaptureFixture
) -> None:
    ask = Ask(actor="CANARY-PROMPT", reason="CANARY-PROMPT", wait=False)
    with caplog.at_level("INFO", logger="control.desk.desk"):
        await here.desk.apply("triage", source(), ask)
        await here.desk.rollback("triage", ask)
        await here.desk.rollback("triage", ask)
    told = [record.getMessage() for record in caplog.records if record.name == "control.desk.desk"]
    assert told == [
        "migration_changed migration=triage verb=apply version=1 phase=Pending",
        "migration_changed migration=triage verb=rollback version=2 phase=Degraded",
    ]
