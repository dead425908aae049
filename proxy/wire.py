"""The document that crosses the store: a snapshot and what the control plane keeps beside it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from proxy.errors import Invalid
from proxy.policy import MIB, Route, Snapshot

_T = TypeVar("_T")

SCHEMA = 1
MAX_DOCUMENT = 16 * MIB

_NOTHING = msgspec.Raw()  # the very object, since msgspec leaves a default out by identity
_Counter: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]  # as stores hold them


class Document(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The document's outline. `control` is the control plane's own; no proxy looks into it."""

    schema: int
    epoch: _Counter
    version: _Counter
    checksum: str
    routes: msgspec.Raw
    control: msgspec.Raw = _NOTHING


class _Head(msgspec.Struct):
    schema: int


_head = msgspec.json.Decoder(_Head)
_document = msgspec.json.Decoder(Document)
_routes = msgspec.json.Decoder(tuple[Route, ...])


def encode(snapshot: Snapshot, control: bytes = b"") -> bytes:
    """The document's bytes. Raises Invalid for whatever `decode` would not give back as it was.

    `control` is JSON text without white space around it, or empty.
    """
    try:
        data = _encoded(snapshot, control)
    except (UnicodeEncodeError, OverflowError) as error:
        raise Invalid(f"the snapshot cannot be written: {type(error).__name__}") from error
    decode(data)  # the checksum spans control too: what is not one bare JSON text does not fit
    return data


def decode(data: bytes) -> tuple[Snapshot, bytes]:
    """The snapshot and the control plane's bytes. Raises Invalid, saying why; takes all or nothing.

    The checksum shows damage, not malice: who may write the store may write a document.
    """
    if len(data) > MAX_DOCUMENT:
        raise Invalid(f"the document is larger than {MAX_DOCUMENT // MIB} MiB")
    document = _outline(data)
    routes, control = bytes(document.routes), bytes(document.control)
    if document.checksum != _checksum(document.epoch, document.version, routes, control):
        raise Invalid("the document's checksum does not fit its content")
    snapshot = Snapshot(
        epoch=document.epoch, version=document.version, routes=_decoded(_routes, routes)
    )
    return snapshot, control


def _encoded(snapshot: Snapshot, control: bytes) -> bytes:
    routes = msgspec.json.encode(snapshot.routes)
    document = Document(
        schema=SCHEMA,
        epoch=snapshot.epoch,
        version=snapshot.version,
        checksum=_checksum(snapshot.epoch, snapshot.version, routes, control),
        routes=msgspec.Raw(routes),
        control=msgspec.Raw(control) if control else _NOTHING,
    )
    return msgspec.json.encode(document)


def _outline(data: bytes) -> Document:
    schema = _decoded(_head, data).schema
    if schema != SCHEMA:  # before all else: a later schema may have other members
        raise Invalid(f"the document has schema {schema}; this crossfade reads schema {SCHEMA}")
    return _decoded(_document, data)


def _decoded(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"the document is not valid: {error}") from error


def _checksum(epoch: int, version: int, routes: bytes, control: bytes) -> str:
    outline = b"%d %d %d %d " % (SCHEMA, epoch, version, len(routes))
    return blake2b(outline + routes + control, digest_size=16).hexdigest()
