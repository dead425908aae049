"""What crossfade itself says: every published error as a whole answer, in the caller's shape."""

from __future__ import annotations

import json

import pytest

from proxy.carrying.refusal import error_answer, guess_call, own_lines
from proxy.dialects import Call, Operation
from proxy.errors import METHOD_NOT_ALLOWED, OVERLOADED, PUBLISHED, UNAUTHORIZED, Failure
from proxy.policy import ArmName, Dialect
from proxy.routing.aim import Aim, Choice
from proxy.routing.destination import Destination
from proxy.routing.lane import Lane
from tests.doubles.message import Message, head_of
from tests.doubles.stage import Stage
from tests.proxy.routes import route

ID = b"0" * 31 + b"1"


def whole(answer: bytes) -> Message:
    head, blank, body = answer.partition(b"\r\n\r\n")
    return head_of(head + blank).with_body(body, complete=True)


def somewhere() -> Destination:
    return next(iter(Stage().worker._destinations.values()))


def aim(choice: Choice | None) -> Aim:
    destination = somewhere()
    call = Call(Dialect.OPENAI, Operation.CHAT)
    return Aim(call, destination, choice, 42, b"", None, strip=False, model_edited=False)


@pytest.mark.parametrize("failure", PUBLISHED, ids=lambda failure: failure.code)
@pytest.mark.parametrize("dialect", Dialect)
def test_every_published_error_is_a_whole_answer(failure: Failure, dialect: Dialect) -> None:
    answer = whole(error_answer(failure, Call(dialect, Operation.CHAT), b"", keep=True))
    assert answer.status == failure.status
    assert answer.start[2]
    assert answer.length == len(answer.body)
    assert answer.get(b"content-type") == b"application/json"
    assert failure.code in json.dumps(json.loads(answer.body))
    assert answer.get(b"connection") is None


def test_the_last_answer_says_so() -> None:
    answer = whole(error_answer(OVERLOADED, None, b"x-crossfade-id: 1\r\n", keep=False))
    assert answer.get(b"connection") == b"close"
    assert answer.get(b"retry-after") == b"1"
    assert answer.get(b"x-crossfade-id") == b"1"


def test_an_answer_without_a_body_still_says_its_length() -> None:
    text = error_answer(OVERLOADED, None, b"", keep=True, bodiless=True)
    answer = whole(text)
    assert answer.length
    assert text.endswith(b"\r\n\r\n")


def test_some_statuses_need_a_header_of_their_own() -> None:
    assert whole(error_answer(UNAUTHORIZED, None, b"", keep=False)).get(b"www-authenticate")
    assert whole(error_answer(METHOD_NOT_ALLOWED, None, b"", keep=False)).get(b"allow")


def test_an_answer_says_how_it_was_routed_as_far_as_that_is_known() -> None:
    assert own_lines(None, ID) == b"x-crossfade-id: %b\r\n" % ID
    unmatched = own_lines(aim(None), ID)
    assert unmatched == b"x-crossfade-version: 42\r\nx-crossfade-id: %b\r\n" % ID
    one = route()
    chosen = aim(Choice(Lane(one, ArmName.CANDIDATE, somewhere())))
    assert own_lines(chosen, ID) == b"x-crossfade-arm: candidate\r\n" + unmatched


@pytest.mark.parametrize(
    ("raw", "dialect"),
    [
        (b"POST /v1/messages HTTP/9\r\n\r\n", Dialect.ANTHROPIC),
        (b"POST /v1/chat/completions HTTP/1.1\r\nbad", Dialect.OPENAI),
        (b"POST /v1beta/models/x:generateContent HTTP/1.1\r\n", Dialect.GEMINI),
        (b"POST /api/chat HTTP/1.1\r\n", Dialect.OLLAMA),
    ],
)
def test_a_refused_request_is_answered_in_the_shape_its_path_asks_for(
    raw: bytes, dialect: Dialect
) -> None:
    call = guess_call(raw)
    assert call is not None
    assert call.dialect is dialect


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"GET\r\n", b"GET http://a/ HTTP/1.1\r\n", b"\0 /x"])
def test_of_nonsense_nothing_is_guessed(raw: bytes) -> None:
    assert guess_call(raw) is None
    assert b'"crossfade_error"' in error_answer(OVERLOADED, guess_call(raw), b"", keep=False)
