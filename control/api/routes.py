"""How a method and a path find the one who answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

from control.api.calls import Handler
from control.api.errors import METHOD_NOT_ALLOWED, NOT_FOUND, Rejected
from control.roles import Role

NAME = "{name}"


class Route(NamedTuple):
    """One method of one path.

    `takes` is the JSON body's shape, `gives` that of a 200 answer; None where there is none.
    `needs` is the least role that may call it.
    """

    method: str
    path: str
    handler: Handler
    says: str
    gives: object = None
    takes: object = None
    needs: Role = Role.VIEWER


def find(routes: Sequence[Route], method: str, raw_path: str) -> tuple[Route, str]:
    """The route of a request, and the name in its path ("" where there is none).

    The path is split before it is decoded, so an encoded slash stays part of a name.
    """
    segments = raw_path.split("/")
    there = [route for route in routes if _fits(route.path.split("/"), segments)]
    if not there:
        raise Rejected(NOT_FOUND)
    wanted = "GET" if method == "HEAD" else method
    for route in there:
        if route.method == wanted:
            return route, _name(route.path.split("/"), segments)
    raise Rejected(METHOD_NOT_ALLOWED)


def _fits(pattern: list[str], segments: list[str]) -> bool:
    return len(pattern) == len(segments) and all(
        part == segment or (part == NAME and segment)
        for part, segment in zip(pattern, segments, strict=True)
    )


def _name(pattern: list[str], segments: list[str]) -> str:
    return unquote(segments[pattern.index(NAME)]) if NAME in pattern else ""
