"""A replica is asked first; the store is acted on where one was given and no replica answers."""

from __future__ import annotations

import pytest

from control.cli.outcome import Refusal, TimedOut, Unreachable
from control.cli.reach import Reach
from control.cli.remote import Remote

REMOTE = Remote("http://127.0.0.1:9", None)


def failing(error: Exception) -> object:
    raise error


def test_a_replica_that_answers_is_all_that_is_needed() -> None:
    reach = Reach(lambda: REMOTE, "redis://h")
    assert reach.ask(lambda remote: remote is REMOTE, lambda _: failing(OSError())) is True


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
