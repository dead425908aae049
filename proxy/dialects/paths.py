"""From a method and a raw target to a Call: which API, which operation, which model.

The paths that carry nearly all traffic are found in one dictionary. The rest is read by its end or
by its first telling segment, on the bytes as they came: nothing is joined or normalised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from proxy.dialects.call import Call, Operation
from proxy.dialects.known import BASES, POSTS, ROOTS, TAILS
from proxy.dialects.model_paths import model_in_path
from proxy.policy import Dialect


def classify(method: bytes, target: bytes, hint: Dialect) -> Call:
    """What a request asks for; `target` is in origin form, query included.

    `hint` is the dialect where the path belongs to several APIs or to none; then the operation is
    models, stored or other. Never raises.
    """
    if method != b"POST":
        return _resource(method, target.partition(b"?")[0], hint)
    call = POSTS.get(target)
    if call is not None:
        return call
    path = target.partition(b"?")[0]
    call = POSTS.get(path) or model_in_path(path) or _nested(path)
    return call or _resource(method, path, hint)


def hinted(headers: Iterable[tuple[bytes, bytes, bytes]]) -> Dialect | None:
    """The dialect that headers give away; the first telling one counts."""
    for name, _, _ in headers:
        if name == b"anthropic-version":
            return Dialect.ANTHROPIC
        if name == b"x-goog-api-key":
            return Dialect.GEMINI
    return None


def _nested(path: bytes) -> Call | None:
    """A known call under another server's base path."""
    return next((call for tail, call in TAILS if path.endswith(tail)), None)


def _resource(method: bytes, path: bytes, hint: Dialect) -> Call:
    """What the first telling segment stands for; unknown ones follow the hint."""
    root = next((part for part in path.split(b"/", 6)[1:5] if part not in BASES), b"")
    dialect, operation = ROOTS.get(root, (None, Operation.OTHER))
    # Of what a provider keeps, an assistant and a run may name a model too.
    named = method == b"POST" and (
        root == b"assistants" or (root == b"threads" and path.endswith(b"/runs"))
    )
    return Call(dialect or _by_base(path, hint), operation, model_in_body=named, json_body=named)


_PREVIEW: Final = re.compile(rb"/(?:upload/)?v1(?:alpha|beta)[0-9]*/")


def _by_base(path: bytes, hint: Dialect) -> Dialect:
    """The dialect that the beginning of a path gives away."""
    if b"/openai/" in path:
        return Dialect.OPENAI
    if _PREVIEW.match(path) is not None or b"/locations/" in path:
        return Dialect.GEMINI
    return hint
