"""Every kind of value takes its own spellings and refuses the others without repeating them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from control.files import spelling
from control.files.problems import Wrong


def read(kind: object, value: object) -> object:
    adapter: TypeAdapter[object] = TypeAdapter(kind)  # type: ignore[arg-type]
    return adapter.validate_python(value)


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        (spelling.Text, "gpt-4o:latest", "gpt-4o:latest"),
        (spelling.Text, "größe", "größe"),
        (spelling.Sentence, "Two\nlines\n", "Two\nlines"),
        (spelling.Name, "support-triage.2", "support-triage.2"),
        (spelling.ModelName, "meta/llama-3.1", "meta/llama-3.1"),
        (spelling.Variable, "OPENAI_API_KEY", "OPENAI_API_KEY"),
        (spelling.HeaderName, "X-Team", "x-team"),
        (spelling.HeaderValue, "support team", "support team"),
        (spelling.RequestPath, "/v1/chat/completions", "/v1/chat/completions"),
        (spelling.StickyKey, "header:X-User", "header:x-user"),
        (spelling.StickyKey, "body:metadata.user_id", "body:metadata.user_id"),
        (spelling.StickyKey, "credential", "credential"),
        (spelling.Duration, "10s", 10.0),
        (spelling.Size, "1KiB", 1024),
        (spelling.Count, 5, 5),
        (spelling.Usd, Decimal("0.15"), Decimal("0.15")),
        (spelling.Usd, 0, Decimal(0)),
        (spelling.Switch, True, True),
    ],
)
def test_a_value_of_its_kind_is_taken(kind: object, written: object, meant: object) -> None:
    assert read(kind, written) == meant


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (spelling.Text, ""),
        (spelling.Text, " a"),
        (spelling.Text, "a\nb"),
        (spelling.Text, "a\x1b[31m"),
        (spelling.Text, "x" * 257),
        (spelling.Text, 5),
        (spelling.Sentence, " \n "),
        (spelling.Sentence, "a\x00"),
        (spelling.Name, "a b"),
        (spelling.Name, "-a"),
        (spelling.Name, "a/b"),
        (spelling.Name, "x" * 64),
        (spelling.Name, "a\n"),
        (spelling.ModelName, ".."),
        (spelling.Variable, "sk-CANARY-1"),
        (spelling.Variable, "lower"),
        (spelling.Variable, "A\n"),
        (spelling.HeaderName, "a b"),
        (spelling.HeaderName, "x:y"),
        (spelling.HeaderName, "Authorization"),
        (spelling.HeaderName, "Cookie"),
        (spelling.HeaderValue, "é"),
        (spelling.HeaderValue, "a\r\nb"),
        (spelling.RequestPath, "v1"),
        (spelling.RequestPath, "/v1?x=1"),
        (spelling.RequestPath, "/v1#x"),
        (spelling.RequestPath, "/v 1"),
        (spelling.StickyKey, "user"),
        (spelling.StickyKey, "body:"),
        (spelling.StickyKey, "body:a..b"),
        (spelling.StickyKey, "header:"),
        (spelling.StickyKey, "header"),
        (spelling.StickyKey, "header:x-api-key"),
        (spelling.StickyKey, "cookie:session"),
        (spelling.Duration, "0s"),
        (spelling.Duration, 10),
        (spelling.Size, "0B"),
        (spelling.Size, "64MB"),
        (spelling.Count, 0),
        (spelling.Count, "5"),
        (spelling.Count, True),
        (spelling.Usd, "0.15"),
        (spelling.Usd, True),
        (spelling.Usd, -1),
        (spelling.Usd, 1_000_001),
        (spelling.Switch, "yes"),
        (spelling.Switch, 1),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: object, written: object) -> None:
    with pytest.raises(ValidationError) as refused:
        read(kind, written)
    for error in refused.value.errors(include_url=False, include_input=False):
        wrong = error.get("ctx", {}).get("error")
        assert "CANARY" not in (f"{wrong} {wrong.hint}" if isinstance(wrong, Wrong) else "")


def test_a_sticky_credential_is_pointed_to_its_own_word() -> None:
    with pytest.raises(ValidationError) as refused:
        read(spelling.StickyKey, "header:Authorization")
    wrong = refused.value.errors()[0]["ctx"]["error"]
    assert wrong.hint == "write: credential"
