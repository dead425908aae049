"""Which addresses a name may lead to, and for how long."""

from __future__ import annotations

import asyncio
import socket

import pytest

from proxy.carrying.resolve import TTL_S, Resolver, Unresolved, usable
from tests.doubles.worker import Clock

Answer = list[str] | Exception
GONE = socket.gaierror(socket.EAI_AGAIN, "try again")


class Names(asyncio.SelectorEventLoop):
    """A loop whose look-ups answer what a test says; the last answer stays."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[tuple[object, object]] = []

    async def getaddrinfo(self, host: object, port: object, **_: object) -> list[object]:  # type: ignore[override]
        self.asked.append((host, port))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return [(None, None, None, "", (address, port)) for address in answer]


class Asking:
    """A resolver, its clock and its loop."""

    def __init__(self, *answers: Answer) -> None:
        self.clock = Clock()
        self.loop = Names(*(answers or (GONE,)))
        self.resolver = Resolver(self.clock)

    def __call__(self, host: str = "api.test", port: int = 443) -> tuple[str, ...]:
        return self.loop.run_until_complete(self.resolver.addresses(host, port))

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.close()

    def later(self, seconds: float = TTL_S) -> None:
        self.clock.now += int(seconds * 1e6)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("10.1.2.3", True),
        ("192.168.1.1", True),
        ("2606:4700::1", True),
        ("fd00::1", True),
        ("::ffff:10.1.2.3", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("224.0.0.1", False),
        ("ff02::1", False),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:0.0.0.0", False),
    ],
)
def test_a_name_leads_neither_to_this_host_nor_to_its_own_link(address: str, allowed: bool) -> None:
    assert usable("api.test", address) is allowed


@pytest.mark.parametrize("host", ["localhost", "ollama.localhost"])
def test_localhost_alone_leads_to_this_host(host: str) -> None:
    assert usable(host, "127.0.0.1")
    assert usable(host, "::1")
    assert not usable(host, "169.254.169.254")
    assert not usable(host + ".test", "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("fd00:0::1", "fd00::1"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_an_address_stands_for_itself_and_is_never_looked_up(host: str, address: str) -> None:
    with Asking() as asking:
        assert asking(host) == (address,)
        assert asking.loop.asked == []


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "2130706433", "0177.0.0.1", "010.0.0.1", "1.2.3.4.5", "127.0.0.1."),
        *("0x7f.1", "0x7f000001", "0XA9FEA9FE", "0xa.0xb.0xc.0xd", "0x"),
    ],
)
def test_another_spelling_of_a_number_is_refused_and_never_looked_up(host: str) -> None:
    with Asking(["10.0.0.1"]) as asking:
        with pytest.raises(Unresolved, match="not a canonical address"):
            asking(host)
        assert asking.loop.asked == []


@pytest.mark.parametrize("host", ["x.test", "1.2.3.4.test", "0xface.test", "cafe", "x"])
def test_a_name_that_only_begins_like_a_number_is_a_name(host: str) -> None:
    with Asking(["10.0.0.1"]) as asking:
        assert asking(host) == ("10.0.0.1",)


def test_addresses_come_once_each_in_the_order_to_try() -> None:
    with Asking(["10.0.0.2", "10.0.0.1", "10.0.0.2", "127.0.0.1"]) as asking:
        assert asking() == ("10.0.0.2", "10.0.0.1")


def test_a_name_without_a_usable_address_is_refused() -> None:
    with Asking(["127.0.0.1", "169.254.169.254"]) as asking, pytest.raises(Unresolved):
        asking()


def test_an_answer_is_kept_for_its_time_and_then_asked_for_anew() -> None:
    with Asking(["10.0.0.1"], ["10.0.0.2"]) as asking:
        assert asking() == ("10.0.0.1",)
        asking.later(TTL_S - 1)
        assert asking() == ("10.0.0.1",)
        asking.later(1)
        assert asking() == ("10.0.0.2",)
        assert len(asking.loop.asked) == 2


def test_each_host_and_port_has_an_answer_of_its_own() -> None:
    with Asking(["10.0.0.1"]) as asking:
        asking("a.test", 1)
        asking("a.test", 2)
        asking("b.test", 1)
        assert asking.loop.asked == [("a.test", 1), ("a.test", 2), ("b.test", 1)]


@pytest.mark.parametrize("failing", [GONE, ["127.0.0.1"], [], UnicodeError("label too long")])
def test_the_last_good_answer_is_kept_while_none_comes(failing: Answer) -> None:
    with Asking(["10.0.0.1"], failing, failing, ["10.0.0.2"]) as asking:
        for _ in range(3):
            assert asking() == ("10.0.0.1",)
            asking.later()
        assert asking() == ("10.0.0.2",)


@pytest.mark.parametrize("failing", [GONE, [], UnicodeError("label too long")])
def test_without_a_good_answer_the_name_is_unresolved(failing: Answer) -> None:
    with Asking(failing) as asking, pytest.raises(Unresolved, match=r"api\.test"):
        asking()


def test_a_failure_is_not_remembered() -> None:
    with Asking(GONE, ["10.0.0.1"]) as asking:
        with pytest.raises(Unresolved):
            asking()
        assert asking() == ("10.0.0.1",)


async def test_the_real_loop_knows_localhost() -> None:
    found = await Resolver(Clock()).addresses("localhost", 80)
    assert set(found) <= {"127.0.0.1", "::1"}
    assert found
