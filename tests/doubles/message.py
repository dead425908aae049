"""One HTTP/1 message as exact bytes and as parts, parsed without leniency: Message."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request or an answer. `raw_head` ends with the empty line; `raw_body` keeps the framing."""

    raw_head: bytes
    start: tuple[bytes, bytes, bytes]
    headers: tuple[tuple[bytes, bytes], ...]  # names as they were sent
    body: bytes = b""
    raw_body: bytes = b""
    chunks: tuple[bytes, ...] = ()
    trailers: bytes = b""
    complete: bool = True

    @property
    def status(self) -> int:
        return int(self.start[1])

    @property
    def method(self) -> bytes:
        return self.start[0]

    @property
    def target(self) -> bytes:
        return self.start[1]

    @property
    def is_request(self) -> bool:
        return not self.start[0].startswith(b"HTTP/")

    @property
    def bodiless(self) -> bool:
        return not self.is_request and (self.status < 200 or self.status in (204, 304))

    @property
    def chunked(self) -> bool:
        return any(value.lower() == b"chunked" for value in self.all(b"transfer-encoding"))

    @property
    def length(self) -> int | None:
        found = self.all(b"content-length")
        return int(found[0]) if found else None

    @property
    def raw(self) -> bytes:
        return self.raw_head + self.raw_body

    def all(self, name: bytes) -> list[bytes]:
        """Every value of that name, whatever its case, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: bytes) -> bytes | None:
        """The one value of that name; an assertion error where there are several."""
        found = self.all(name)
        assert len(found) < 2, found
        return found[0] if found else None

    def with_body(self, body: bytes, *, complete: bool) -> Message:
        return replace(self, body=body, raw_body=body, complete=complete)

    def with_chunks(
        self, chunks: list[bytes], raw: bytes, trailers: bytes, *, complete: bool
    ) -> Message:
        whole = replace(self, body=b"".join(chunks), raw_body=raw, trailers=trailers)
        return replace(whole, chunks=tuple(chunks), complete=complete)


def head_of(text: bytes) -> Message:
    """The parts of a head; raises ValueError for one that is not a first line and headers."""
    first, *lines = text.removesuffix(b"\r\n\r\n").split(b"\r\n")
    one, two, three = [*first.split(b" ", 2), b"", b""][:3]
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError(f"not a header: {line!r}")
        headers.append((name, value.strip(b" \t")))
    return Message(raw_head=text, start=(one, two, three), headers=tuple(headers))
