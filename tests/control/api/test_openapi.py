"""The OpenAPI document: every path, every shape it refers to, and nothing secret."""

from __future__ import annotations

import re

import msgspec

from control.api import openapi
from control.api.table import ROUTES
from tests.control.api.service import Service


async def test_it_is_served(api: Service) -> None:
    answer = await api.call("GET", "/api/openapi.json")
    assert answer.body == msgspec.json.encode(openapi.document(ROUTES))


def test_it_names_every_path_and_method() -> None:
    document = openapi.document(ROUTES)
    paths = msgspec.convert(document["paths"], dict[str, dict[str, object]])
    named = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert named == {(route.method, route.path) for route in ROUTES}


def test_every_reference_leads_somewhere() -> None:
    text = msgspec.json.encode(openapi.document(ROUTES)).decode()
    schemas = msgspec.json.decode(text)["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(schemas)
    assert {"View", "Summary", "Changed", "Apply", "SetWeight", "Plain", "ErrorBody"} <= set(
        schemas
    )


def test_a_percent_is_a_number() -> None:
    text = msgspec.json.encode(openapi.document(ROUTES))
    schemas = msgspec.json.decode(text)["components"]["schemas"]
    assert schemas["SetWeight"]["properties"]["percent"]["type"] == "number"


def test_only_the_probes_go_without_a_token() -> None:
    document = msgspec.json.decode(msgspec.json.encode(openapi.document(ROUTES)))
    open_paths = {
        path
        for path, item in document["paths"].items()
        if any(operation.get("security") == [] for operation in item.values())
    }
    assert open_paths == {"/healthz", "/readyz"}
