"""control.notify.signature: who sent it, and when."""

from __future__ import annotations

import hashlib
import hmac

from control.notify.signature import signed
from proxy.policy import Secret


def test_the_signature_is_of_the_time_and_the_body() -> None:
    headers = signed(Secret("CANARY-HOOK"), b'{"a":1}', 1_790_000_000)
    expected = hmac.new(b"CANARY-HOOK", b'1790000000.{"a":1}', hashlib.sha256).hexdigest()
    assert headers == {
        "x-crossfade-timestamp": "1790000000",
        "x-crossfade-signature": f"v1={expected}",
    }


def test_another_time_and_another_body_have_other_signatures() -> None:
    secret = Secret("CANARY-HOOK")
    three = [signed(secret, b"a", 1), signed(secret, b"a", 2), signed(secret, b"b", 1)]
    assert len({headers["x-crossfade-signature"] for headers in three}) == 3


def test_without_a_secret_nothing_is_signed() -> None:
    assert signed(None, b"a", 1) == {}
