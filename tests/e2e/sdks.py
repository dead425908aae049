"""What the SDK tests of every provider ask for: a tool, a schema, a prompt, a script."""

from __future__ import annotations

import json

from pydantic import BaseModel

from tests.e2e import canary

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
FUNCTION = {"name": "look_up", "parameters": PARAMETERS}
USER = {"role": "user", "content": f"Where is it? {canary.PROMPT}"}
CITY = {"city": "Paris"}


class Place(BaseModel):
    """A structured output."""

    city: str
    people: int
    sights: list[str]


PLACE = Place(city="Paris", people=7, sights=["Paris"])


def script(**words: object) -> dict[str, str]:
    """The header that tells the model API what to do."""
    return {"x-script": json.dumps(words)}
