"""The words of a message's head: what the gate has read of a request or of an answer."""

from __future__ import annotations

from typing import Final

Header = tuple[bytes, bytes, bytes]  # lower-case name, value, name as sent
Headers = list[Header]

NO_NAMES: Final[frozenset[bytes]] = frozenset()
HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)


class RequestHead:
    """A request's head that passed the gate; never changed, and shared between like requests.

    `length` is the declared body length (0 without a body); `chunked` excludes a length.
    `nominated` are the lower-case names that Connection lists, which go no further. `encoded` says
    that the body is compressed. `sent` is for `Destination`: this head as upstreams get it; `looks`
    is for `Routing`: what it made of this head.
    """

    __slots__ = (
        "chunked",
        "encoded",
        "expects",
        "headers",
        "keep_alive",
        "length",
        "looks",
        "method",
        "minor",
        "nominated",
        "sent",
        "target",
    )

    def __init__(
        self,
        method: bytes,
        target: bytes,
        minor: int,
        headers: Headers,
        *,
        length: int = 0,
        chunked: bool = False,
        keep_alive: bool = True,
        expects: bool = False,
        nominated: frozenset[bytes] = NO_NAMES,
        encoded: bool = False,
    ) -> None:
        self.method = method
        self.target = target
        self.minor = minor
        self.headers = headers
        self.length = length
        self.chunked = chunked
        self.keep_alive = keep_alive
        self.expects = expects
        self.nominated = nominated
        self.encoded = encoded
        self.sent: dict[tuple[object, ...], bytes] = {}
        self.looks: dict[bool, object] = {}

    @property
    def has_body(self) -> bool:
        return self.chunked or self.length > 0

    def of_length(self, length: int) -> RequestHead:
        """The same head with another declared length."""
        head = RequestHead(
            self.method,
            self.target,
            self.minor,
            self.headers,
            length=length,
            keep_alive=self.keep_alive,
            expects=self.expects,
            nominated=self.nominated,
            encoded=self.encoded,
        )
        head.sent = self.sent
        head.looks = self.looks
        return head


class AnswerHead:
    """An upstream's answer head that passed the gate; `length` None means no declared length.

    `first` is the status line and `lines` the headers that go on to the client, each with its line
    end; `length_line` is Content-Length as it was sent, which may say more than `length` (an answer
    to HEAD). `kind` and `encoding` are Content-Type and Content-Encoding in lower case.
    """

    __slots__ = (
        "chunked",
        "encoding",
        "first",
        "kind",
        "length",
        "length_line",
        "lines",
        "reusable",
        "status",
    )

    def __init__(
        self,
        status: int,
        first: bytes,
        lines: list[bytes],
        *,
        length: int | None,
        chunked: bool,
        reusable: bool,
        length_line: bytes = b"",
        kind: bytes = b"",
        encoding: bytes = b"",
    ) -> None:
        self.status = status
        self.first = first
        self.lines = lines
        self.length = length
        self.length_line = length_line
        self.chunked = chunked
        self.reusable = reusable
        self.kind = kind
        self.encoding = encoding
