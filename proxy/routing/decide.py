"""Which route a request belongs to, and which arm serves it.

Routes are looked up by tuple space search: one hash table for each *shape* of match (does it name a
path, and which headers), the most fields first. So a look-up costs what the few shapes of one
model's routes cost, however many routes there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from proxy.policy import Dialect, Match, Route, Snapshot
from proxy.routing.draw import Header, choose, sticky_key

__all__ = ["Header", "Table", "ambiguous", "choose", "compile", "find", "sticky_key"]

_Values: TypeAlias = tuple[bytes | None, ...]  # the path's where it counts, then the headers'


class _Shape:
    """The routes whose matches name the same fields, by those fields' values."""

    __slots__ = ("has_path", "names", "routes")

    def __init__(
        self, *, has_path: bool, names: tuple[bytes, ...], routes: dict[_Values, Route]
    ) -> None:
        self.has_path = has_path
        self.names = names
        self.routes = routes


class Table:
    """A snapshot made ready for look-ups; swapped whole, never edited."""

    __slots__ = ("doors", "models")

    def __init__(
        self,
        *,
        models: dict[tuple[Dialect, str], tuple[_Shape, ...]],
        doors: dict[Dialect, tuple[_Shape, ...]],
    ) -> None:
        self.models = models
        self.doors = doors

    def wants_body(self, path: bytes, headers: Sequence[Header], dialect: Dialect) -> bool:
        """Whether some route matches but for the model, so that the body must be readable."""
        shapes = self.doors.get(dialect)
        return shapes is not None and _first(shapes, path, headers) is not None


def compile(snapshot: Snapshot) -> Table:  # noqa: A001 - read as decide.compile, like re.compile
    """Make a snapshot ready; of equal matches (which apply refuses) the earlier route counts."""
    models: dict[tuple[Dialect, str], list[Route]] = {}
    doors: dict[Dialect, list[Route]] = {}
    for route in snapshot.routes:
        models.setdefault((route.dialect, route.match.model), []).append(route)
        doors.setdefault(route.dialect, []).append(route)
    return Table(
        models={key: _shapes(routes) for key, routes in models.items()},
        doors={dialect: _shapes(routes) for dialect, routes in doors.items()},
    )


def find(
    table: Table,
    *,
    model: str | None,
    path: bytes,
    headers: Sequence[Header],
    dialect: Dialect,
) -> Route | None:
    """The matching route with the most fields, or None.

    `path` has no query. A header that was sent more than once counts with its first value.
    """
    if model is None:
        return None
    shapes = table.models.get((dialect, model))
    return None if shapes is None else _first(shapes, path, headers)


def ambiguous(a: Match, b: Match) -> bool:
    """Whether one request of one dialect could match both, with neither naming more fields."""
    return (
        a.model == b.model
        and _fields(a) == _fields(b)
        and (a.path is None or b.path is None or a.path == b.path)
        and all(b.header.get(name, value) == value for name, value in a.header.items())
    )


def _fields(match: Match) -> int:
    return 1 + (match.path is not None) + len(match.header)


def _first(shapes: Iterable[_Shape], path: bytes, headers: Sequence[Header]) -> Route | None:
    sent: dict[bytes, bytes] | None = None
    for shape in shapes:
        key: _Values = (path,) if shape.has_path else ()
        if shape.names:
            if sent is None:
                sent = {name: value for name, value, _ in reversed(headers)}
            key += tuple([sent.get(name) for name in shape.names])
        route = shape.routes.get(key)
        if route is not None:
            return route
    return None


def _shapes(routes: Iterable[Route]) -> tuple[_Shape, ...]:
    tables: dict[tuple[bool, tuple[bytes, ...]], dict[_Values, Route]] = {}
    for route in routes:
        path = () if route.match.path is None else (_bytes(route.match.path),)
        header = sorted((_bytes(name), _bytes(text)) for name, text in route.match.header.items())
        names = tuple(name for name, _ in header)
        values: _Values = (*path, *(text for _, text in header))
        tables.setdefault((bool(path), names), {}).setdefault(values, route)
    # Shapes of as many fields stand in the order of their names, so that every replica agrees.
    ordered = sorted(tables, key=lambda fields: (-fields[0] - len(fields[1]), fields))
    return tuple(
        _Shape(has_path=has_path, names=names, routes=tables[has_path, names])
        for has_path, names in ordered
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
