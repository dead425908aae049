"""Answers: their type, and the headers that none goes without."""

from __future__ import annotations

from control.api import answers


def test_json_is_json_with_the_headers_of_every_answer() -> None:
    answer = answers.json({"name": "triage"}, status=503)
    assert (answer.status, answer.body) == (503, b'{"name":"triage"}')
    assert answer.headers["Content-Type"] == "application/json"
    assert answers.HEADERS.items() <= dict(answer.headers).items()


def test_a_header_may_be_given_anew() -> None:
    policy = {"Content-Security-Policy": "default-src 'self'"}
    answer = answers.body(b"x", "text/html", headers=policy)
    assert answer.headers.getall("Content-Security-Policy") == ["default-src 'self'"]
