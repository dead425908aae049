"""An arm's changes to a request, as byte splices: untouched bytes stay bytes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes

import msgspec

from proxy.dialects.call import Operation
from proxy.policy import Dialect, Edits
from proxy.routing.asked import Fields
from proxy.routing.jsonscan import members
from proxy.routing.reshape import Changes, Rewrite, reshaped, same, splices
from proxy.routing.splice import Splice, spliced
from proxy.routing.system_prompt import rewrites

_OPEN: Final = ord("{")
_SPACE: Final = b" \t\r\n"
_Named: TypeAlias = tuple[list[str], bytes | None]  # a dotted name's parts; a value, None to drop


def apply(
    body: bytes,
    *,
    model: str | None,
    model_span: tuple[int, int] | None,
    edits: Edits,
    dialect: Dialect,
    operation: Operation,
) -> bytes:
    """The body with the arm's model and edits; the same object when nothing changes.

    `model` None leaves the model. `model_span` is the place of the model's literal in this very
    body, so usage is injected after this. A call that counts tokens gets values only where it has
    the member already: it refuses most of what a generation takes.
    """
    renamed = [] if model is None or model_span is None else _model(body, model_span, model)
    if not edits:
        return spliced(body, renamed)
    found = members(body)
    changes = _wanted(edits, adds=operation is not Operation.COUNT_TOKENS)
    if edits.system_prompt is not None:
        names = {member.key for member in found}
        prompt = rewrites(edits.system_prompt, dialect, operation, names)
        changes = changes._replace(rewrite={**changes.rewrite, **prompt})
    return spliced(body, sorted(renamed + splices(body, found, changes)))


def inject_usage(body: bytes, fields: Fields) -> bytes:
    """The body with `stream_options.include_usage` true; `fields` are the request's own.

    The same object when it is true already, or when `stream_options` is no object.
    """
    if not fields.has_stream_options and b'"stream_options"' not in body:  # nor put in by an edit
        return _appended(body, b'"stream_options":{"include_usage":true}')
    asked = Changes({"include_usage": partial(_put, b"true", True)})
    return reshaped(body, Changes({"stream_options": partial(_inside, asked)}))


def path_model(target: bytes, span: tuple[int, int], model: str) -> bytes:
    """The target with another model in its path; the same object when it names that one already."""
    start, end = span
    if unquote_to_bytes(target[start:end]) == model.encode():
        return target
    return target[:start] + quote(model, safe="@").encode() + target[end:]


def _model(body: bytes, span: tuple[int, int], model: str) -> list[Splice]:
    start, end = span
    old, new = body[start:end], msgspec.json.encode(model)
    if old == new or (old.find(b"\\") >= 0 and msgspec.json.decode(old) == model):
        return []
    return [(start, end, new)]


def _wanted(edits: Edits, *, adds: bool) -> Changes:
    """An arm's edits as changes; without `adds` none makes a member that is not there."""
    named: list[_Named] = [(name.split("."), text.encode()) for name, text in edits.set.items()]
    named += [(name.split("."), None) for name in edits.drop]
    return _tree(named, adds)._replace(rename=edits.rename)


def _tree(named: Iterable[_Named], adds: bool) -> Changes:
    rewrite: dict[str, Rewrite] = {}
    drop: set[str] = set()
    inside: dict[str, list[_Named]] = {}
    for (name, *rest), value in named:
        if rest:
            inside.setdefault(name, []).append((rest, value))
        elif value is None:
            drop.add(name)
        else:
            rewrite[name] = partial(_put, value, adds)
    for name, deeper in inside.items():
        rewrite[name] = partial(_inside, _tree(deeper, adds))
    return Changes(rewrite, drop)


def _put(new: bytes, adds: bool, old: bytes | None) -> bytes | None:
    if old is None:
        return new if adds else None
    return old if same(old, new) else new


def _inside(changes: Changes, old: bytes | None) -> bytes | None:
    """Reach into an object; null becomes one, and what is neither stays."""
    if old is None or old == b"null":
        new = reshaped(b"{}", changes)
        return old if new == b"{}" else new
    return reshaped(old, changes) if old.startswith(b"{") else old


def _appended(body: bytes, member: bytes) -> bytes:
    """The object with one more member, of whose name it has none: no need to scan it."""
    end = body.rindex(b"}")
    while body[end - 1] in _SPACE:
        end -= 1
    comma = b"" if body[end - 1] == _OPEN else b","
    return spliced(body, [(end, end, comma + member)])
