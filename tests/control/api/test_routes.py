"""How a method and a path find who answers."""

from __future__ import annotations

import pytest

from control.api import routes
from control.api.errors import METHOD_NOT_ALLOWED, NOT_FOUND, Rejected
from control.api.table import ROUTES

FOUND = [
    ("GET", "/", "/", ""),
    ("HEAD", "/healthz", "/healthz", ""),
    ("GET", "/api/migrations", "/api/migrations", ""),
    ("PUT", "/api/migrations/triage", "/api/migrations/{name}", "triage"),
    ("POST", "/api/migrations/a%2Fb/rollback", "/api/migrations/{name}/rollback", "a/b"),
    ("GET", "/api/migrations/history/history", "/api/migrations/{name}/history", "history"),
]


@pytest.mark.parametrize(("method", "raw_path", "path", "name"), FOUND)
def test_a_path_finds_its_route(method: str, raw_path: str, path: str, name: str) -> None:
    route, found = routes.find(ROUTES, method, raw_path)
    assert (route.path, found) == (path, name)


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/migrations/", "/api/migrations//rollback", "//", "/api/migrations/a/b/c", "/x"],
)
def test_other_paths_are_not_found(path: str) -> None:
    with pytest.raises(Rejected) as rejected:
        routes.find(ROUTES, "GET", path)
    assert rejected.value.row is NOT_FOUND


def test_another_method_is_not_allowed() -> None:
    with pytest.raises(Rejected) as rejected:
        routes.find(ROUTES, "GET", "/api/migrations/triage/rollback")
    assert rejected.value.row is METHOD_NOT_ALLOWED
