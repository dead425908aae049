"""Request heads met before: a client's next head mostly differs from its last in the length alone.

An SDK sends the same dozen headers with every request. Parsing them again costs a third of the
request's whole budget, so heads are remembered by their bytes, the length's digits cut out.
"""

from __future__ import annotations

import re
from typing import Final

from proxy.http.head import RequestHead
from proxy.http.http1 import read_request

MOST: Final = 1024  # heads remembered; then all are forgotten
LONGEST: Final = 4096  # bytes of a head that is worth remembering

MOST_DIGITS: Final = 15  # of a length; more are for the gate to refuse

_LENGTH: Final = re.compile(rb"\r\ncontent-length: ?([0-9]{1,15})\r\n", re.IGNORECASE)


class Form:
    """A head's bytes but for its length's digits: what begins and ends like this says the same."""

    __slots__ = ("after", "before", "key")

    def __init__(self, before: bytes, after: bytes) -> None:
        self.before = before
        self.after = after
        # NUL marks the place: no head that holds one passes the gate, so no other head is like it.
        self.key = b"%b\0%b" % (before, after)


class Heads:
    """A bounded memory of heads that passed the gate. It holds what clients sent, so it is never
    written anywhere."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[Form, RequestHead]] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def read(self, raw: bytes) -> RequestHead:
        """As `read_request`; equal bytes give an equal head. Raises Refused."""
        return Recent().read(raw, self)

    def get(self, form: Form) -> RequestHead | None:
        """The head that was met in this form."""
        met = self._seen.get(form.key)
        return None if met is None else met[1]

    def form(self, raw: bytes) -> Form | None:
        """The form of a head, which is remembered from now on. Raises Refused.

        None where it has no length that could be cut out.
        """
        found = _LENGTH.search(raw)
        if found is None or len(raw) > LONGEST:
            return None
        start, end = found.span(1)
        form = Form(raw[:start], raw[end:])
        met = self._seen.get(form.key)
        if met is not None:
            return met[0]  # so that connections with like heads hold the same bytes
        head = read_request(raw)
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[form.key] = (form, head)
        return form


class Recent:
    """The form of one connection's last head, which is mostly its next one's too.

    It holds no head, which would hold the routing that the head was last met by.
    """

    __slots__ = ("_digits", "_form", "_length")

    def __init__(self) -> None:
        self._form: Form | None = None
        self._digits = b""
        self._length = 0

    def read(self, raw: bytes, heads: Heads) -> RequestHead:
        """As `heads.read`. Raises Refused."""
        known = self._known(raw, heads)
        if known is None:
            self._form = heads.form(raw)
            known = self._known(raw, heads)
        if known is None:
            return read_request(raw)
        return known if known.length == self._length else known.of_length(self._length)

    def _known(self, raw: bytes, heads: Heads) -> RequestHead | None:
        """The head that `raw` is but for its length, which is noted."""
        form = self._form
        if form is None or not (raw.startswith(form.before) and raw.endswith(form.after)):
            return None
        digits = raw[len(form.before) : len(raw) - len(form.after)]
        if digits != self._digits:
            if not digits.isdigit() or len(digits) > MOST_DIGITS:
                return None
            self._digits, self._length = digits, int(digits)
        return heads.get(form)
