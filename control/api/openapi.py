"""The OpenAPI document, made of the same table and the same records that answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from control.api.errors import PUBLISHED, ErrorBody
from control.api.guard import OPEN_PATHS
from control.api.routes import NAME, Route
from control.release import release

REF = "#/components/schemas/{name}"

Json = dict[str, object]


def document(routes: Sequence[Route]) -> Json:
    """OpenAPI 3.1, which takes JSON Schema as it is."""
    shapes = list(_shapes(routes))
    schemas, components = msgspec.json.schema_components(shapes, ref_template=REF)
    schema_of = dict(zip(map(repr, shapes), schemas, strict=True))
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "crossfade admin API",
            "version": release(),
            "description": f"Error codes: {', '.join(row.code for row in PUBLISHED)}.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _shapes(routes: Iterable[Route]) -> Iterable[object]:
    yield ErrorBody
    for route in routes:
        yield from (shape for shape in (route.gives, route.takes) if shape is not None)


def _operation(route: Route, schema_of: dict[str, Json]) -> Json:
    operation: Json = {
        "summary": route.says,
        "x-crossfade-role": route.needs.value,
        "responses": _responses(route, schema_of),
    }
    if NAME in route.path:
        operation["parameters"] = [
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
        ]
    if route.takes is not None:
        operation["requestBody"] = {"required": True, **_json(schema_of[repr(route.takes)])}
    if route.path in OPEN_PATHS:
        operation["security"] = []
    return operation


def _responses(route: Route, schema_of: dict[str, Json]) -> Json:
    done: Json = {"description": "Done."}
    if route.gives is not None:
        done |= _json(schema_of[repr(route.gives)])
    failed = {"description": "Refused.", **_json(schema_of[repr(ErrorBody)])}
    return {"200": done, "default": failed}


def _json(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}
