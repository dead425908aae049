"""One JSON object's members dropped, renamed and rewritten, as byte splices."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from proxy.routing.jsonscan import Member, members
from proxy.routing.splice import Splice, spliced

# From a member's JSON text to its new one; None stands for a member that is not there. The same
# object back means that nothing changes.
Rewrite: TypeAlias = Callable[[bytes | None], bytes | None]


_read = json.JSONDecoder().decode
_spell = json.JSONEncoder(sort_keys=True).encode


class Changes(NamedTuple):
    """What becomes of an object's members; no name stands in two places.

    Where a rename's new name is already there, that member stays and the old one is dropped.
    Members of the same name are all treated alike, so that no reader sees the old value.
    """

    rewrite: Mapping[str, Rewrite]
    drop: Collection[str] = ()
    rename: Mapping[str, str] = {}


def reshaped(text: bytes, changes: Changes) -> bytes:
    """The object `text` changed; itself when nothing changes. Refuses what is not an object."""
    return spliced(text, splices(text, members(text), changes))


def splices(text: bytes, found: Sequence[Member], changes: Changes) -> list[Splice]:
    """What turns the object `text`, whose members are `found`, into the changed one, in order."""
    names = {member.key for member in found}
    gone = {old for old, new in changes.rename.items() if new in names}.union(changes.drop)
    out: list[Splice] = []
    stays = False
    for at, member in enumerate(found):
        if member.key in gone:
            out.append((*_span_with_comma(found, at, after=stays), b""))
        else:
            out += _changed(text, member, changes)
            stays = True
    added = b",".join(_added(names, changes))
    if added:
        end = found[-1].value_end if found else text.index(b"{") + 1
        out.append((end, end, b"," + added if stays else added))
    return out


def same(one: bytes, other: bytes) -> bool:
    """Whether two JSON texts spell one value; 1, 1.0 and true are three."""
    if one == other:
        return True
    try:
        return _spell(_read(one.decode())) == _spell(_read(other.decode()))
    except ValueError:  # an integer longer than Python reads
        return False


def _span_with_comma(found: Sequence[Member], at: int, *, after: bool) -> tuple[int, int]:
    """A dropped member's span: with the comma before it when some member before it stays."""
    if after:
        return found[at - 1].value_end, found[at].value_end
    if at + 1 < len(found):
        return found[at].key_start, found[at + 1].key_start
    return found[at].key_start, found[at].value_end


def _changed(text: bytes, member: Member, changes: Changes) -> Iterator[Splice]:
    new_name = changes.rename.get(member.key)
    if new_name is not None:
        yield member.key_start, member.key_end, msgspec.json.encode(new_name)
    rewrite = changes.rewrite.get(member.key)
    if rewrite is not None:
        value = text[member.value_start : member.value_end]
        new = rewrite(value)
        if new is not None and new is not value:
            yield member.value_start, member.value_end, new


def _added(names: Collection[str], changes: Changes) -> Iterator[bytes]:
    for name, rewrite in changes.rewrite.items():
        if name not in names:
            value = rewrite(None)
            if value is not None:
                yield msgspec.json.encode(name) + b":" + value
