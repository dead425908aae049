"""Questions to a real Redis: bounded, never mixed up, and refusals that give nothing away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from redis import exceptions

from proxy.policy import Secret
from proxy.redis.address import Address, Trust, parse
from proxy.redis.link import TIMEOUT_S, Link, Script, Unreachable, said
from tests.doubles.faults import FaultProxy, Latency, LimitData
from tests.doubles.patience import PATIENCE_S, patient
from tests.doubles.redis_server import RedisServer, free_port

CANARY = "sk-CANARY-link"


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


async def asked(address: Address, *command: str | int, timeout_s: float = PATIENCE_S) -> object:
    """The answer to one command, on a link of its own."""
    link = Link(address, timeout_s=timeout_s)
    try:
        return await link.ask(*command)
    finally:
        await link.close()


async def test_a_command_is_answered(link: Link) -> None:
    assert await link.ask("SET", "a", b"\x00\xff")
    assert await link.ask("GET", "a") == b"\x00\xff"
    assert await link.ask("GET", "b") is None
    assert await link.ask("RPUSH", "c", 1, 2) == 2
    assert await link.ask("LRANGE", "c", 0, -1) == [b"1", b"2"]


async def test_a_database_is_chosen_by_the_url(redis: RedisServer, link: Link) -> None:
    await link.ask("SET", "a", "zero")
    assert await asked(parse(f"{redis.url}/3"), "GET", "a") is None


async def test_a_unix_socket_will_do(redis: RedisServer) -> None:
    assert await asked(parse(f"redis+unix:{redis.socket}"), "ECHO", "a") == b"a"


async def test_a_script_is_run_whether_redis_knows_it_or_not(
    redis: RedisServer, link: Link
) -> None:
    script = Script("return {KEYS[1], ARGV[1], ARGV[2]}")
    redis.cli("SCRIPT", "FLUSH")
    for _ in range(2):
        assert await link.run(script, ["key"], "one", 2) == [b"key", b"one", b"2"]
    redis.cli("SCRIPT", "FLUSH")
    assert await link.run(script, ["key"], "one", 2) == [b"key", b"one", b"2"]


async def test_nothing_is_sent_that_was_not_asked(redis: RedisServer) -> None:
    redis.cli("CONFIG", "RESETSTAT")
    assert await asked(parse(redis.url), "ECHO", "a") == b"a"
    told = [line.split(":")[0] for line in redis.cli("INFO", "commandstats").decode().split()]
    commands = {word.removeprefix("cmdstat_") for word in told if word.startswith("cmdstat_")}
    assert commands - {"config|resetstat", "info"} == {"echo"}


async def test_of_answers_that_callers_left_none_reaches_another(link: Link) -> None:
    """CVE-2023-28858: a connection left in the middle of an answer gave it to the next caller."""
    draw = random.Random(81)

    async def ask(number: int) -> None:
        nonce = f"{number}-" + "x" * draw.choice([1, 100, 70_000])
        assert await link.ask("ECHO", nonce) == nonce.encode()

    for _ in range(20):
        asking = [asyncio.ensure_future(ask(number)) for number in range(50)]
        for _ in range(draw.randrange(12)):
            await asyncio.sleep(0)
        for one in draw.sample(asking, 25):
            one.cancel()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert all(
            answer is None or isinstance(answer, asyncio.CancelledError) for answer in answers
        )


async def test_what_a_cancelled_caller_asked_is_done_all_the_same(link: Link) -> None:
    asking = asyncio.ensure_future(link.ask("SET", "a", "done"))
    await asyncio.sleep(0)
    asking.cancel()
    await link.close()
    assert asking.cancelled()
    assert await link.ask("GET", "a") == b"done"


async def test_nobody_listens() -> None:
    with pytest.raises(Unreachable, match=r"^Redis cannot be reached$"):
        await asked(parse(f"redis://127.0.0.1:{free_port()}"), "ECHO", "a")
    with pytest.raises(Unreachable, match=r"^Redis cannot be reached$"):
        await asked(parse("redis+unix:/nowhere/redis.sock"), "ECHO", "a")


async def test_one_that_is_slow_is_left(redis: RedisServer) -> None:
    async with FaultProxy(redis.port, down=[Latency(delay_s=30)]) as slow:
        with pytest.raises(Unreachable, match=r"^Redis does not answer$"):
            await asked(parse(f"redis://127.0.0.1:{slow.port}"), "ECHO", "a", timeout_s=TIMEOUT_S)


async def test_a_hundred_who_ask_a_slow_one_are_all_told(redis: RedisServer) -> None:
    async with FaultProxy(redis.port, down=[Latency(delay_s=30)]) as slow:
        link = Link(parse(f"redis://127.0.0.1:{slow.port}"))
        asking = (link.ask("ECHO", "a") for _ in range(100))
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert {str(answer) for answer in answers} == {"Redis does not answer"}
        await link.close()


async def test_after_an_answer_that_was_cut_the_next_is_whole(redis: RedisServer) -> None:
    async with FaultProxy(redis.port, down=[LimitData(after_bytes=9)]) as cutting:
        link = patient(f"redis://127.0.0.1:{cutting.port}")
        with pytest.raises(Unreachable, match=r"^Redis cannot be reached$"):
            await link.ask("ECHO", "a" * 30)
        cutting.down.clear()
        assert await link.ask("ECHO", "b") == b"b"
        await link.close()


async def test_a_redis_that_was_away_is_asked_again(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        link = patient(server.url)
        assert await link.ask("ECHO", "a") == b"a"
        server.kill()
        with pytest.raises(Unreachable):
            await link.ask("ECHO", "b")
        server.start()
        assert await link.ask("ECHO", "c") == b"c"
        await link.close()


@pytest.mark.parametrize(
    ("command", "code"), [(("LPUSH", "a", CANARY), "WRONGTYPE"), ((CANARY,), "ERR")]
)
async def test_an_error_repeats_nothing_of_the_question(
    link: Link, command: tuple[str, ...], code: str
) -> None:
    await link.ask("SET", "a", CANARY)
    with pytest.raises(Unreachable, match=f"^Redis answers with an error: {code}$"):
        await link.ask(*command)


async def test_a_password_is_asked_for_and_given(tmp_path: Path) -> None:
    with RedisServer(tmp_path, f"requirepass {CANARY}") as server:
        address = parse(server.url)
        right = replace(address, password=Secret(CANARY))
        assert await asked(right, "ECHO", "a") == b"a"
        for wrong in (address, replace(address, password=Secret(f"{CANARY}-wrong"))):
            with pytest.raises(Unreachable, match=r"^Redis refuses the name or the password$"):
                await asked(wrong, "ECHO", "a")


async def test_a_user_who_may_not_is_told_so(tmp_path: Path) -> None:
    with RedisServer(tmp_path, f"user small on >{CANARY} ~a +get") as server:
        address = replace(parse(server.url), username="small", password=Secret(CANARY))
        assert await asked(address, "GET", "a") is None
        for command in (("GET", "b"), ("SET", "a", "b")):
            with pytest.raises(Unreachable, match="Redis does not permit this user"):
                await asked(address, *command)


class Encrypted:
    """A Redis that speaks TLS alone, and wants to be shown a certificate."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.port = free_port()
        mine = self.authority.issue_cert("localhost")
        shown = self.authority.issue_cert("crossfade@localhost")
        self.paths = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key", "me", "mine")}
        self.authority.cert_pem.write_to_path(self.paths["ca"])
        mine.cert_chain_pems[0].write_to_path(self.paths["cert"])
        mine.private_key_pem.write_to_path(self.paths["key"])
        shown.cert_chain_pems[0].write_to_path(self.paths["me"])
        shown.private_key_pem.write_to_path(self.paths["mine"])

    def options(self) -> list[str]:
        return [
            f"tls-port {self.port}",
            f"tls-cert-file {self.paths['cert']}",
            f"tls-key-file {self.paths['key']}",
            f"tls-ca-cert-file {self.paths['ca']}",
        ]

    def address(self, **trust: Path) -> Address:
        return replace(parse(f"rediss://localhost:{self.port}"), trust=Trust(**trust))


async def test_tls_is_spoken_and_both_sides_are_checked(tmp_path: Path) -> None:
    tls = Encrypted(tmp_path)
    known = {"cert_file": tls.paths["me"], "cert_key_file": tls.paths["mine"]}
    with RedisServer(tmp_path / "redis", *tls.options()):
        assert await asked(tls.address(ca_file=tls.paths["ca"], **known), "ECHO", "a") == b"a"
        with pytest.raises(Unreachable, match="Redis cannot be trusted"):
            await asked(tls.address(**known), "ECHO", "a")
        with pytest.raises(Unreachable, match="Redis cannot be"):
            await asked(tls.address(ca_file=tls.paths["ca"]), "ECHO", "a")
        elsewhere = replace(
            tls.address(ca_file=tls.paths["ca"], **known), hosts=(("127.0.0.1", tls.port),)
        )
        with pytest.raises(Unreachable, match="Redis cannot be trusted"):
            await asked(elsewhere, "ECHO", "a")


async def test_certificates_that_are_not_there_are_no_crash(tmp_path: Path) -> None:
    tls = Encrypted(tmp_path)
    with RedisServer(tmp_path / "redis", *tls.options()), pytest.raises(Unreachable):
        await asked(tls.address(ca_file=tmp_path / "nowhere.pem"), "ECHO", "a")


async def test_a_master_that_became_a_replica_is_left(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        link = patient(server.url)
        assert await link.ask("SET", "a", "1")
        server.cli("REPLICAOF", "127.0.0.1", str(free_port()))
        script = Script("return redis.call('SET', KEYS[1], 'x')")
        for refused in (link.ask("SET", "a", "2"), link.run(script, ["a"])):
            with pytest.raises(Unreachable, match="Redis is a replica: its master is"):
                await refused
        server.cli("REPLICAOF", "NO", "ONE")
        assert server.cli("CLIENT", "LIST").count(b"id=") == 1  # the question's own
        assert await link.ask("SET", "a", "3")
        await link.close()


async def test_a_script_that_fails_is_asked_once(redis: RedisServer, link: Link) -> None:
    await link.ask("DEL", "runs")
    script = Script("redis.call('INCR', KEYS[1]) return redis.call('HGET', KEYS[1], 'a')")
    for _ in range(2):
        with pytest.raises(Unreachable, match="Redis answers with an error"):
            await link.run(script, ["runs"])
    assert await link.ask("GET", "runs") == b"2"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (exceptions.BusyLoadingError("LOADING"), "Redis is still loading its data"),
        (TimeoutError(), "Redis does not answer"),
        (exceptions.TimeoutError(CANARY), "Redis does not answer"),
        (ConnectionResetError(CANARY), "Redis cannot be reached"),
        (exceptions.InvalidResponse(CANARY), "Redis cannot be reached"),
        (
            exceptions.ResponseError(
                "Error running script: -READONLY You can't write"
            ),  # Redis 6.2
            "Redis is a replica: its master is elsewhere",
        ),
        (exceptions.ResponseError(""), "Redis answers with an error: ERR"),
        (exceptions.OutOfMemoryError("OOM " + CANARY), "Redis answers with an error: OOM"),
    ],
)
def test_errors_have_words_of_their_own(error: Exception, words: str) -> None:
    assert said(error) == words
