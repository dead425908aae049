"""The upstreams that crossfade.yaml names, as the data plane takes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from control.files import address
from control.files.address import Place
from control.files.config_file import ConfigSheet
from control.files.config_secrets import Secrets
from control.files.models_file import UpstreamSheet
from control.files.problems import Problem, Wrong
from control.files.written import Where, Written
from proxy.policy import Auth, Dialect, Secret, Upstream


def upstreams(
    sheet: ConfigSheet, file: Written, folder: Path, secrets: Secrets
) -> tuple[tuple[Upstream, ...], list[Problem]]:
    """The upstreams whose URL can be called, in the file's order, and all problems with them."""
    built: list[Upstream] = []
    problems: list[Problem] = []
    for name, upstream in sheet.upstreams.items():
        where = ("upstreams", name)
        try:
            place = address.place(upstream.url, upstream.host)
        except Wrong as wrong:
            problems.append(file.problem((*where, "url"), wrong.message, wrong.hint))
            continue
        key = secrets.keys.get(name)
        problems += _problems(upstream, place, file, where, folder)
        problems += _warnings(place, file, where, keyed=key is not None)
        built.append(_built(name, upstream, place, folder, key))
    return tuple(built), problems


def _built(
    name: str, upstream: UpstreamSheet, place: Place, folder: Path, key: Secret | None
) -> Upstream:
    openai = upstream.dialect is Dialect.OPENAI
    return Upstream(
        name=name,
        dialect=upstream.dialect,
        host=place.host,
        port=place.port,
        tls=place.tls,
        path=place.path,
        socket=place.socket,
        auth=upstream.auth or usual_auth(upstream.dialect),
        key=key,
        inject_usage=openai if upstream.inject_usage is None else upstream.inject_usage,
        ca_file=None if upstream.ca_file is None else str(folder / upstream.ca_file),
    )


def usual_auth(dialect: Dialect) -> Auth:
    """The header in which an API of this shape expects its key."""
    match dialect:
        case Dialect.OPENAI | Dialect.OLLAMA:
            return Auth.BEARER
        case Dialect.ANTHROPIC:
            return Auth.X_API_KEY
        case Dialect.GEMINI:
            return Auth.X_GOOG_API_KEY
        case _:
            assert_never(dialect)


def _problems(
    upstream: UpstreamSheet, place: Place, file: Written, where: Where, folder: Path
) -> Iterator[Problem]:
    if upstream.inject_usage and upstream.dialect is not Dialect.OPENAI:
        message = f"has no meaning for dialect {upstream.dialect}"
        yield file.problem((*where, "inject_usage"), message, "leave it out")
    if upstream.host is not None and place.socket is None:
        yield file.problem((*where, "host"), "is for unix: URLs alone", "name the host in url")
    if upstream.ca_file is not None and not place.tls:
        yield file.problem((*where, "ca_file"), "has no meaning without https")
    if upstream.ca_file is not None and not (folder / upstream.ca_file).is_file():
        yield file.problem((*where, "ca_file"), "is not a file that can be read")


def _warnings(place: Place, file: Written, where: Where, *, keyed: bool) -> Iterator[Problem]:
    local = place.socket is not None or address.is_local(place.host)
    if keyed and not place.tls and not local:
        message = "the key goes over the network in the clear"
        yield file.warning((*where, "url"), message, "use https")
    version = place.path.rpartition("/")[2]
    if version in ("v1", "v1beta"):
        message = f"requests already begin with /{version}, so the upstream sees it twice"
        yield file.warning((*where, "url"), message, f"leave /{version} out of the url")
