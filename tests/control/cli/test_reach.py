"""A replica is asked first; the store is acted on where one was given and no replica answers."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from control.cli.outcome import Refusal, TimedOut, Unreachable
from control.cli.reach import Reach
from control.cli.remote import Remote


class Awake(Remote):
    """A replica that greets back."""

    def greet(self, within_s: float) -> None:
        assert within_s > 0


REMOTE = Awake("http://127.0.0.1:9", None)


def failing(error: Exception) -> object:
    raise error


def test_a_replica_that_answers_is_all_that_is_needed() -> None:
    reach = Reach(lambda: REMOTE, "redis://h")
    assert reach.ask(lambda remote: remote is REMOTE, lambda _: failing(OSError())) is True


def test_a_replica_that_hangs_is_not_waited_for_where_there_is_a_store(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        replica = Remote(f"http://127.0.0.1:{silent.getsockname()[1]}", None)
        reach = Reach(lambda: replica, "redis://h", greet_s=0.05)
        assert reach.ask(lambda _: failing(AssertionError()), lambda url: url) == "redis://h"
    assert "within 0.05 s; acting on the store itself" in capsys.readouterr().err


def test_without_a_store_the_replica_is_asked_at_once() -> None:
    replica = Remote("http://127.0.0.1:9", None)
    assert Reach(lambda: replica, None).ask(lambda remote: remote is replica, str) is True


@pytest.mark.parametrize("error", [Unreachable("nobody"), TimedOut("asleep")])
def test_without_an_answer_the_store_is_acted_on(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    reach = Reach(lambda: REMOTE, "redis://h")
    assert reach.ask(lambda _: failing(error), lambda url: url) == "redis://h"
    assert "acting on the store itself" in capsys.readouterr().err


def test_without_a_store_there_is_nothing_else_to_do() -> None:
    with pytest.raises(Unreachable):
        Reach(lambda: REMOTE, None).ask(lambda _: failing(Unreachable("nobody")), str)


def test_a_no_is_an_answer() -> None:
    reach = Reach(lambda: REMOTE, "redis://h")
    with pytest.raises(Refusal, match="latched"):
        reach.ask(lambda _: failing(Refusal("latched")), lambda url: url)
