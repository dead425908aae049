"""The upstreams and the models of crossfade.yaml as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from control.files import address
from control.files.check import Sheet
from control.files.spelling import ModelName, Name, Switch, Text, Usd, Variable
from proxy.policy import Auth, Dialect


class Status(StrEnum):
    """Where a model stands in its life."""

    PRODUCTION = "production"
    STAGING = "staging"
    RETIRED = "retired"


class UpstreamSheet(Sheet):
    """One model API."""

    never: ClassVar[Mapping[str, str]] = {
        "key": "keys never stand in this file: write key_env or key_file",
        "api_key": "keys never stand in this file: write key_env or key_file",
        "token": "keys never stand in this file: write key_env or key_file",
    }

    url: Text = Field(
        description="http://HOST:PORT/PREFIX, https://HOST/PREFIX or unix:/PATH. "
        "The prefix is put before every request's path."
    )
    dialect: Dialect = Field(description="The shape of the API.")
    key_env: Variable | None = Field(
        default=None,
        description="The environment variable that holds this upstream's key. "
        "Without a key the caller's own credentials go through.",
    )
    key_file: Text | None = Field(
        default=None, description="A file that holds the key; one newline at its end is dropped."
    )
    auth: Auth | None = Field(
        default=None,
        description="The header the key is sent in; absent: the dialect's.",
    )
    inject_usage: Switch | None = Field(
        default=None,
        description="Ask OpenAI streams for their usage on matched routes, and take the extra "
        "event out again. True for dialect openai.",
    )
    ca_file: Text | None = Field(
        default=None, description="Certificates to trust in place of the system's."
    )
    host: Annotated[str, AfterValidator(address.hostname)] | None = Field(
        default=None, description="The Host header for a unix socket; absent: localhost."
    )


class PriceSheet(Sheet):
    """USD per million tokens, in place of the price table."""

    input: Usd = Field(description="Input tokens.")
    cached_input: Usd | None = Field(
        default=None, description="Input tokens read from the provider's cache; absent: as input."
    )
    cache_write: Usd | None = Field(
        default=None, description="Input tokens written to the cache; absent: as input."
    )
    output: Usd = Field(description="Output tokens, reasoning included.")


class ModelSheet(Sheet):
    """One model in the registry; migrations name it by its key."""

    upstream: Name = Field(description="The upstream that serves it.")
    model: ModelName | None = Field(
        default=None, description="What the upstream calls it; absent: its name here."
    )
    status: Status = Field(default=Status.STAGING, description="Where it stands in its life.")
    price: PriceSheet | None = Field(
        default=None, description="Its price; absent: the price table's."
    )
