"""An operator's day at the command line, every command a process of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.control.cli.shell import Done, Shell
from tests.doubles.raw import connected
from tests.doubles.requests import prompt, request
from tests.e2e import canary
from tests.e2e.asking import ask, connections
from tests.e2e.shapes import CHAT
from tests.e2e.stage import Stage, file


@pytest.fixture
def shell(shared: Stage) -> Shell:
    return Shell(url=f"http://{shared.crossfade.control}", token=canary.TOKEN)


def written(folder: Path, name: str, **changes: object) -> Path:
    """A migration file of that name, which asks for the model of that name."""
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(file(name, name, **changes)))
    return path


def told(done: Done) -> dict[str, object]:
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert isinstance(answer, dict)
    return answer


async def arm(shared: Stage, model: str, key: str = canary.KEY) -> bytes | None:
    raw = request(f"x-crossfade-key: {key}".encode(), body=prompt(model=model))
    return (await ask(shared.crossfade, shared.apis, raw)).arm


async def test_from_apply_to_retry(shared: Stage, shell: Shell, tmp_path: Path) -> None:
    name = "from-apply-to-retry"
    path = written(tmp_path, name)
    assert (await shell.process("lint", shared.crossfade.folder / "crossfade.yaml", path)).code == 0

    applied = told(await shell.process("apply", path, "-o", "json"))
    assert (applied["phase"], applied["weights"]) == ("Pending", {"baseline": 100, "candidate": 0})
    assert await arm(shared, name) == b"baseline"

    done = await shell.process("set", "weight", name, "100", "--reason", "all of it")
    assert done.code == 0
    assert "served by all live workers after" in done.out
    assert await arm(shared, name) == b"candidate"

    standing = told(await shell.process("get", name, "-o", "json"))
    assert standing["weights"] == {"baseline": 0, "candidate": 100}
    assert [standing["arms"][one]["requests"] for one in ("baseline", "candidate")] == [1, 1]
    listed = json.loads((await shell.process("list", "-o", "json")).out)
    assert name in [one["name"] for one in listed]

    done = await shell.process("rollback", name, "--reason", "wrong answers")
    assert done.code == 0
    assert await arm(shared, name) == b"baseline"
    refused = await shell.process("set", "weight", name, "1")
    assert refused.code == 1
    assert "retry" in refused.err
    assert await arm(shared, name) == b"baseline"

    assert (await shell.process("retry", name)).code == 0
    assert (await shell.process("set", "weight", name, "0.01")).code == 0
    past = json.loads((await shell.process("history", name, "-o", "json")).out)
    verbs = ["set-weight", "retry", "rollback", "set-weight", "apply"]
    assert [event["verb"] for event in past] == verbs
    assert [event["reason"] for event in past][2:4] == ["wrong answers", "all of it"]


async def test_rolling_back_twice_is_rolling_back_once(shared: Stage, shell: Shell) -> None:
    moved = shared.migrate(weight=50)
    first = told(await shell.process("rollback", moved.name, "-o", "json"))
    second = told(await shell.process("rollback", moved.name, "-o", "json"))
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["version"] == second["version"]
    assert (second["latched"], second["phase"]) == (True, "Degraded")


async def test_the_starter_files_are_good_and_never_overwritten(
    shell: Shell, tmp_path: Path
) -> None:
    done = await shell.process("init", tmp_path)
    assert done.code == 0
    files = done.out.partition("crossfade lint ")[2].split()
    assert len(files) == 2
    done = await shell.process("lint", *files, OPENAI_API_KEY=canary.CALLER)
    assert done.code == 0, done.err
    assert (await shell.process("init", tmp_path)).code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("version",), 0),
        (("get", "nobody"), 1),
        (("set", "weight", "nobody", "1"), 1),
        (("set", "weight", "nobody", "1.001"), 2),
        (("set", "weight", "nobody", "101"), 2),
        (("rollback",), 2),
        (("nonsense",), 2),
        (("apply", "/nowhere.yaml"), 2),
        (("list", "--url", "http://127.0.0.1:9"), 4),
    ],
)
async def test_exit_codes(shell: Shell, words: tuple[str, ...], code: int) -> None:
    done = await shell(*words)
    assert done.code == code, done
    assert canary.MARK.decode() not in done.out + done.err


async def test_without_the_token_nothing_is_told(shared: Stage, shell: Shell) -> None:
    stranger = Shell(url=shell.url, token="CANARY-wrong")
    for words in (("list",), ("get", "x"), ("rollback", "--all")):
        done = await stranger(*words)
        assert (done.code, done.out) == (1, "")
        assert canary.MARK.decode() not in done.err


async def test_a_change_of_weight_loses_no_running_stream(shared: Stage) -> None:
    """Streams stay on the arm that they began on, and their last byte comes."""
    moved = shared.migrate(weight=100)
    streams = 20
    async with connections(shared.crossfade.port, streams) as clients:
        for number, client in enumerate(clients):
            mark = f"X-Mark: {moved.name}-{number}".encode()
            await client.send(CHAT.request(moved.asks, mark, hold_after=3))
        held = [
            await asyncio.to_thread(shared.apis.held, f"{moved.name}-{number}")
            for number in range(streams)
        ]
        moved.weigh(1)
        moved.weigh(100)
        moved.roll_back()
        for received in held:
            shared.apis.go(received)
        answers = [await client.read_message() for client in clients]
        assert [answer.get(b"x-crossfade-arm") for answer in answers] == [b"candidate"] * streams
        assert [answer.complete for answer in answers] == [True] * streams
        for answer, received in zip(answers, held, strict=True):
            assert answer.body == received.answer.body.bytes
        # The same connections go on, and their next request goes by the new weight.
        after = [await client.ask(CHAT.request(moved.asks)) for client in clients]
        assert [answer.get(b"x-crossfade-arm") for answer in after] == [b"baseline"] * streams
    arms = moved.view()["arms"]
    assert (arms["candidate"]["requests"], arms["candidate"]["errors"]) == (streams, 0)
    assert arms["baseline"]["requests"] == streams


async def test_weights_that_change_under_load_lose_no_request(shared: Stage) -> None:
    moved = shared.migrate(weight=50)
    done, served = asyncio.Event(), asyncio.Semaphore(0)
    statuses: list[int] = []

    async def load() -> None:
        async with connected(shared.crossfade.port) as client:
            while not done.is_set():
                answer = await client.ask(CHAT.request(moved.asks))
                assert answer.complete
                statuses.append(answer.status)
                served.release()

    async def change() -> None:
        for percent in (0, 100, 10, 0.01, 99.99, 50):
            await asyncio.to_thread(moved.weigh, percent)
            for _ in range(20):
                await served.acquire()
        done.set()

    await asyncio.gather(change(), *(load() for _ in range(4)))
    assert set(statuses) == {200}
    arms = moved.view()["arms"]
    assert sum(side["requests"] for side in arms.values()) == len(statuses)


async def test_two_operators_cannot_overwrite_each_other(shared: Stage) -> None:
    moved = shared.migrate()
    version = moved.view()["version"]
    path = f"/api/migrations/{moved.name}/set-weight"
    asks = [
        asyncio.to_thread(
            moved.admin.ask, "POST", path, {"percent": percent, "expected_version": version}
        )
        for percent in range(1, 9)
    ]
    answers = await asyncio.gather(*asks)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.json["error"]["current_version"] == moved.view()["version"]
