"""The other SDKs, against the stage."""

from __future__ import annotations

import asyncio
from types import MappingProxyType

import pytest

from control.demo import others
from control.demo.stage import Stage


@pytest.mark.parametrize("name", ["anthropic", "google-genai"])
async def test_an_sdk_is_answered_by_the_first_upstream_of_its_dialect(
    stage: Stage, name: str
) -> None:
    text = await asyncio.to_thread(others.installed()[name], stage.url)
    assert text.startswith("[old] ")


def test_an_sdk_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = {"a": ("nobody_has_this", str), "b": ("nobody.has.this", str), "c": ("json", str)}
    monkeypatch.setattr(others, "SDKS", MappingProxyType(missing))
    assert list(others.installed()) == ["c"]
