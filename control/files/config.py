"""crossfade.yaml, checked and complete: what one host listens on, calls, and keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

from control.files import config_checks, written
from control.files.check import check
from control.files.config_file import ConfigSheet
from control.files.config_secrets import Origins, Secrets, find_secrets, origins
from control.files.config_store import Chosen, chosen
from control.files.models_file import ModelSheet, PriceSheet, Status
from control.files.problems import ConfigError, Problem, errors, in_order
from control.files.upstreams import upstreams
from control.files.written import Written
from control.roles import Role
from control.words.notifiers import Notifier
from proxy.policy import Limits, Secret, Upstream
from proxy.redis.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per million tokens; None where input's price applies."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model in the registry; `model` is what its upstream calls it."""

    upstream: str
    model: str
    status: Status
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """The admin listener; without any token whoever reaches it is its owner."""

    listen: str
    tokens: Mapping[Role, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One host's configuration; every word of it has been checked.

    `clients` is "open", the tokens that clients show, or None where the file does not say, which it
    may do on loopback or without keys. A `store` that is an address is a Redis. `upstreams` are in
    the file's order. `origins` says where secrets were found.
    """

    environment: str
    listen: tuple[str, ...]
    admin: Admin
    clients: Literal["open"] | tuple[Secret, ...] | None
    store: Literal["embedded"] | Address
    state_dir: Path
    workers: int
    limits: Limits
    upstreams: tuple[Upstream, ...]
    models: Mapping[str, Model]
    origins: Origins
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)

    def upstream(self, name: str) -> Upstream | None:
        """The upstream of that name, or None."""
        return next((upstream for upstream in self.upstreams if upstream.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a look at the file gave; `config` is what could be read, None where nothing could."""

    config: Config | None
    problems: tuple[Problem, ...]


def load(
    path: Path,
    environ: Mapping[str, str],
    *,
    lenient: bool = False,
    warn: Callable[[Problem], None] = lambda _: None,
) -> Config:
    """The configuration in a file; `warn` is told of what does not keep it from being used.

    Raises ConfigError with everything that does.
    """
    examined = examine(written.read(path), path.parent, environ, lenient=lenient)
    wrong = errors(examined.problems)
    if wrong or examined.config is None:
        raise ConfigError(wrong)
    for problem in examined.problems:
        warn(problem)
    return examined.config


def examine(
    file: Written, folder: Path, environ: Mapping[str, str], *, lenient: bool = False
) -> Examined:
    """The configuration and every problem; paths in the file start at `folder`.

    `lenient` makes unset variables warnings, and puts an empty key, or the embedded store, in their
    place: for checks where the secrets are not at hand. Such a configuration is not to be served.
    """
    sheet, problems = check(ConfigSheet, file)
    if sheet is None:
        return Examined(config=None, problems=in_order(problems))
    secrets, missing = find_secrets(sheet, file, folder, environ, lenient=lenient)
    called, misplaced = upstreams(sheet, file, folder, secrets)
    store, unstored = chosen(sheet, file, folder, environ, lenient=lenient)
    problems += [*missing, *misplaced, *unstored, *config_checks.problems(sheet, file)]
    config = _config(sheet, folder, secrets, called, store)
    return Examined(config=config, problems=in_order(problems))


def _config(
    sheet: ConfigSheet,
    folder: Path,
    secrets: Secrets,
    called: tuple[Upstream, ...],
    store: Chosen,
) -> Config:
    return Config(
        environment=sheet.environment,
        listen=tuple(sheet.listen),
        admin=Admin(listen=sheet.admin.listen, tokens=secrets.admin),
        clients="open" if sheet.clients == "open" else secrets.clients,
        store=store.address or "embedded",
        state_dir=folder / sheet.state_dir,
        workers=sheet.workers,
        limits=Limits(**sheet.limits.model_dump()),
        upstreams=called,
        models={name: _model(name, model) for name, model in sheet.models.items()},
        origins=replace(origins(sheet, folder), redis=store.at),
        notifiers=secrets.notifiers,
    )


def _model(name: str, sheet: ModelSheet) -> Model:
    return Model(
        upstream=sheet.upstream,
        model=sheet.model or name,
        status=sheet.status,
        price=None if sheet.price is None else _price(sheet.price),
    )


def _price(sheet: PriceSheet) -> Price:
    return Price(
        input=sheet.input,
        output=sheet.output,
        cached_input=sheet.cached_input,
        cache_write=sheet.cache_write,
    )
