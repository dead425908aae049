"""Signs what is sent, so that its receiver can tell who sent it and that it is no old one."""

from __future__ import annotations

import hashlib
import hmac

from proxy.policy import Secret

TIMESTAMP = "x-crossfade-timestamp"
SIGNATURE = "x-crossfade-signature"


def signed(secret: Secret | None, body: bytes, now_s: int) -> dict[str, str]:
    """The headers for a body sent at `now_s` (UTC): HMAC-SHA256 over `{now_s}.{body}`, in hex."""
    if secret is None:
        return {}
    text = str(now_s).encode() + b"." + body
    digest = hmac.new(secret.reveal().encode(), text, hashlib.sha256).hexdigest()
    return {TIMESTAMP: str(now_s), SIGNATURE: f"v1={digest}"}
