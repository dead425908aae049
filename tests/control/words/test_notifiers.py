"""control.words.notifiers: the words of a notifier."""

from __future__ import annotations

from control.words.notifiers import Kind, Notifier
from proxy.policy import Secret


def test_a_notifier_shows_neither_its_url_nor_its_secret() -> None:
    ops = Notifier(
        name="ops",
        kind=Kind.SLACK,
        url=Secret("https://hooks.example/CANARY-TOKEN"),
        secret=Secret("CANARY-HOOK"),
    )
    assert "CANARY" not in repr(ops)
