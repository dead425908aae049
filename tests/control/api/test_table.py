"""The table of paths: what interfaces.md fixes is there, and mutations take JSON."""

from __future__ import annotations

from pathlib import Path

from control.api.table import ROUTES

FIXED = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/migrations"),
    ("GET", "/api/migrations/{name}"),
    ("PUT", "/api/migrations/{name}"),
    ("POST", "/api/migrations/{name}/set-weight"),
    ("POST", "/api/migrations/{name}/rollback"),
    ("POST", "/api/migrations/{name}/retry"),
    ("GET", "/api/migrations/{name}/history"),
    ("GET", "/api/events"),
    ("GET", "/api/workers"),
}


def test_the_paths_of_the_interface_are_served() -> None:
    assert {(route.method, route.path) for route in ROUTES} >= FIXED


def test_no_path_is_served_twice() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


def test_whatever_changes_something_takes_a_json_body() -> None:
    assert all((route.takes is not None) == (route.method != "GET") for route in ROUTES)


def test_every_path_is_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "admin-api.md").read_text()
    assert [route for route in ROUTES if f"`{route.method} {route.path}`" not in page] == []
