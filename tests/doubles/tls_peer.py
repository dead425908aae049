"""A server's side of TLS without a socket: TlsPeer, and one that changes its key: NewKey."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand


class TlsPeer:
    """Ciphertext in and out; `received` is the client's plaintext, `ended` its close_notify."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.shaken = False
        self.received = b""
        self.ended = False

    def take(self, wire: bytes) -> bytes:
        """What TLS itself answers to these bytes. Raises ssl.SSLError for what the client did."""
        self._incoming.write(wire)
        try:
            if not self.shaken:
                self.session.do_handshake()
                self.shaken = True
            while plain := self.session.read(65_536):
                self.received += plain
            self.ended = True
        except ssl.SSLZeroReturnError:  # after a goodbye of one's own
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def say(self, plain: bytes) -> bytes:
        """This plaintext as records of at most 16 KiB."""
        left = memoryview(plain)
        while left:
            left = left[self.session.write(left) :]
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """close_notify."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.session.unwrap()
        return self._outgoing.read()


class NewKey:
    """What a TLS 1.3 server sends next when it changes its key, and asks the client to do so too.

    Python's ssl cannot make it send that (RFC 8446, 4.6.3), so it is made here from the secret in
    the server's key log. The server must not have sent any record since the handshake.
    """

    def __init__(self, key_log: Path) -> None:
        (line,) = [one for one in key_log.read_text().splitlines() if one.startswith(_SECRET)]
        old = bytes.fromhex(line.split()[2])
        self._new = _expand(old, b"traffic upd", 48)
        self._said = 0
        self.update = _record(old, 0, b"\x18\x00\x00\x01\x01", _HANDSHAKE)

    def say(self, plain: bytes) -> bytes:
        """One record of plaintext under the new key."""
        self._said += 1
        return _record(self._new, self._said - 1, plain, _APPLICATION)


_SECRET = "SERVER_TRAFFIC_SECRET_0 "
_HANDSHAKE = b"\x16"
_APPLICATION = b"\x17"


def _record(secret: bytes, number: int, content: bytes, kind: bytes) -> bytes:
    """TLS_AES_256_GCM_SHA384, RFC 8446, 5.2 and 5.3."""
    key, start = _expand(secret, b"key", 32), _expand(secret, b"iv", 12)
    nonce = (int.from_bytes(start) ^ number).to_bytes(12)
    header = b"\x17\x03\x03" + (len(content) + 1 + 16).to_bytes(2)
    return header + AESGCM(key).encrypt(nonce, content + kind, header)


def _expand(secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context, RFC 8446, 7.1."""
    name = b"tls13 " + label
    info = length.to_bytes(2) + bytes([len(name)]) + name + b"\x00"
    return HKDFExpand(SHA384(), length, info).derive(secret)
