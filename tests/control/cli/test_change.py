"""`set weight`, `rollback`, `retry`: what they do, what they print, how they end."""

from __future__ import annotations

import json

import pytest

from control.desk.fleet import Served
from control.migration.ledger import Phase
from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.office import ASK, source


async def test_set_weight_says_what_holds_and_how_long_it_took(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell("set", "weight", "triage", "12.5", "--reason", "first look")
    assert done.code == 0
    first, second = done.out.splitlines()
    assert first == ("triage: weight 12.5 %, Progressing (WeightSet: first look), version 2")
    assert "served by all live workers after" in second
    assert api.office.served[-1].routes[0].split.share == 1_250


@pytest.mark.parametrize("percent", ["0", "0.01", "1", "12.5", "12.34", "99.99", "100", "100.00%"])
async def test_a_percent_has_up_to_two_decimals(api: Service, shell: Shell, percent: str) -> None:
    await api.apply()
    done = await shell("set", "weight", "triage", percent, "-o", "json")
    assert done.code == 0
    assert json.loads(done.out)["weights"]["candidate"] == float(percent.rstrip("%"))


@pytest.mark.parametrize("percent", ["-1", "100.01", "101", "12.345", "ten", "1e1", "NaN", "", "٣"])
async def test_another_percent_is_a_usage_error(shell: Shell, percent: str) -> None:
    done = await shell("set", "weight", "triage", "--", percent)
    assert done.code == 2
    assert "at most two decimals" in done.err


async def test_rollback_latches_and_retry_clears(api: Service, shell: Shell) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "100")
    done = await shell("rollback", "triage", "--reason", "wrong answers")
    assert done.code == 0
    assert "weight 0 %, Degraded (RolledBack: wrong answers), version 3" in done.out
    done = await shell("set", "weight", "triage", "1")
    assert done.code == 1
    assert "'retry triage' clears the latch" in done.err
    assert done.out == ""
    done = await shell("retry", "triage")
    assert "weight 0 %, Pending (Retried), version 4" in done.out
    assert (await shell("set", "weight", "triage", "1")).code == 0


async def test_a_second_rollback_is_done_too(api: Service, shell: Shell) -> None:
    await api.apply()
    await shell("rollback", "triage")
    done = await shell("rollback", "triage")
    assert done.code == 0
    assert "triage: unchanged: weight 0 %, Degraded" in done.out


async def test_all_roll_back(api: Service, shell: Shell) -> None:
    done = await shell("rollback", "--all")
    assert (done.code, done.out) == (0, "no migration is registered\n")
    await api.apply()
    await api.apply("billing", match="gpt-5")
    done = await shell("rollback", "--all", "-o", "json")
    assert [one["name"] for one in json.loads(done.out)] == ["triage", "billing"]
    assert all(one.latched for one in await api.office.desk.list())


@pytest.mark.parametrize("args", [(), ("triage", "--all")])
async def test_rollback_takes_one_name_or_all(shell: Shell, args: tuple[str, ...]) -> None:
    done = await shell("rollback", *args)
    assert done.code == 2
    assert "name one migration, or --all" in done.err


async def test_a_stale_version_is_refused(api: Service, shell: Shell) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "5")
    done = await shell("set", "weight", "triage", "6", "--expected-version", "1")
    assert done.code == 1
    assert "triage is at version 2, not 1" in done.err
    assert (await shell("set", "weight", "triage", "6", "--expected-version", "2")).code == 0


async def test_a_worker_that_lags_ends_with_3_and_the_change_stands(
    api: Service, shell: Shell
) -> None:
    await api.apply()
    object.__setattr__(api.office.desk, "acknowledged", Lagging())
    done = await shell("rollback", "triage")
    assert done.code == 3
    assert "weight 0 %, Degraded" in done.out
    assert "stored after" in done.out
    assert "not served yet by two" in done.err
    assert (await api.office.desk.get("triage")).phase is Phase.ROLLING_BACK


async def test_not_waiting_prints_what_is_known(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell("rollback", "triage", "--no-wait")
    assert done.code == 0
    assert "stored after" in done.out
    assert "workers" not in done.out


async def test_an_unknown_migration_is_refused(shell: Shell) -> None:
    for command in (("rollback",), ("retry",), ("set", "weight")):
        words = (*command, "absent", *(["5"] if command[0] == "set" else []))
        done = await shell(*words)
        assert (done.code, done.err) == (1, "Error: no migration absent is registered\n")


async def test_yaml_is_yaml(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell("rollback", "triage", "-o", "yaml")
    assert "name: triage\n" in done.out
    assert "weights:\n  baseline: 100\n  candidate: 0\n" in done.out


async def test_the_history_knows_who_typed_it(api: Service, shell: Shell) -> None:
    await api.office.desk.apply("triage", source(), ASK)
    await shell("rollback", "triage", "--reason", "wrong answers")
    event = (await api.office.desk.history("triage"))[0]
    assert "@" in event.actor
    assert event.reason == "wrong answers"


class Lagging:
    """Some worker that never serves what it should."""

    async def served(self, version: int, timeout_s: float) -> Served:
        assert version > 0
        assert timeout_s > 0
        return Served(complete=False, missing=("two",))


async def test_a_latch_in_the_store_is_cleared_by_its_name_alone(nowhere: Shell) -> None:
    done = await nowhere("retry", "--all")
    assert done.code == 2
    assert "--all is for --local" in done.err
