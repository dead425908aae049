"""The secrets that crossfade.yaml names, found in the environment and in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from control.files.address import is_loopback, is_web
from control.files.config_file import ClientsSheet, ConfigSheet, NotifierSheet
from control.files.models_file import UpstreamSheet
from control.files.problems import Problem
from control.files.written import Where, Written
from control.roles import Role
from control.words.notifiers import Notifier
from proxy import keys
from proxy.keys import Unfit, Unset
from proxy.policy import Secret
from proxy.redis.at import RedisAt

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What was found; `keys` by upstream. None and absent ones were not named, or are a problem."""

    admin: Mapping[Role, Secret] = field(default_factory=dict)
    clients: tuple[Secret, ...] | None = None
    keys: Mapping[str, Secret] = field(default_factory=dict)
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where the data plane's secrets are found: names of variables and files, nothing in them.

    `key_envs` and `key_files` are by upstream. `redis` is None for the embedded store.
    """

    redis: RedisAt | None = None
    tokens_env: str | None
    key_envs: Mapping[str, str]
    key_files: Mapping[str, Path]


def origins(sheet: ConfigSheet, folder: Path) -> Origins:
    """What the file says of that; its relative paths start at `folder`."""
    named = sheet.upstreams.items()
    return Origins(
        tokens_env=sheet.clients.tokens_env if isinstance(sheet.clients, ClientsSheet) else None,
        key_envs={name: one.key_env for name, one in named if one.key_env is not None},
        key_files={name: folder / one.key_file for name, one in named if one.key_file is not None},
    )


def admin_variables(sheet: ConfigSheet) -> dict[Role, tuple[str, str]]:
    """The field and the variable of each role that the file names a token for, the owner first."""
    admin = sheet.admin
    named = (
        (Role.OWNER, "token_env", admin.token_env),
        (Role.OPERATOR, "operator_token_env", admin.operator_token_env),
        (Role.VIEWER, "viewer_token_env", admin.viewer_token_env),
    )
    return {role: (field_name, var) for role, field_name, var in named if var is not None}


def find_secrets(
    sheet: ConfigSheet,
    file: Written,
    folder: Path,
    environ: Mapping[str, str],
    *,
    lenient: bool,
) -> tuple[Secrets, list[Problem]]:
    """All secrets, and a problem for each that is missing or cannot be one.

    `lenient` makes missing variables warnings, and an empty key stands for theirs.
    """
    search = _Search(file, folder, environ, lenient)
    return (
        Secrets(
            admin=search.admin(sheet),
            clients=search.clients(sheet),
            keys={
                name: key
                for name, upstream in sheet.upstreams.items()
                if (key := search.key(name, upstream)) is not None
            },
            notifiers={
                name: notifier
                for name, named in sheet.notifiers.items()
                if (notifier := search.notifier(name, named)) is not None
            },
        ),
        search.problems,
    )


class _Search:
    def __init__(
        self, file: Written, folder: Path, environ: Mapping[str, str], lenient: bool
    ) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._folder = folder
        self._environ = environ
        self._lenient = lenient

    def admin(self, sheet: ConfigSheet) -> dict[Role, Secret]:
        """The admin tokens; one alone may be unset on loopback, several roles need theirs set."""
        named = admin_variables(sheet)
        needed = len(named) > 1 or not is_loopback(sheet.admin.listen)
        found: dict[Role, Secret] = {}
        for role, (field_name, variable) in named.items():
            where = ("admin", field_name)
            token = self._found(where, partial(self._variable, variable), needed=needed)
            if token is None:
                continue
            if token.reveal() in {other.reveal() for other in found.values()}:
                self.problems.append(self._file.problem(where, "is the token of another role too"))
            else:
                found[role] = token
        return found

    def clients(self, sheet: ConfigSheet) -> tuple[Secret, ...] | None:
        named = sheet.clients
        if not isinstance(named, ClientsSheet):
            return None
        place = ("clients", "tokens_env")
        return self._found(place, lambda: keys.tokens(named.tokens_env, self._environ))

    def key(self, name: str, upstream: UpstreamSheet) -> Secret | None:
        place = ("upstreams", name)
        if upstream.key_env is not None and upstream.key_file is not None:
            message = "key_env and key_file are both given"
            self.problems.append(self._file.problem(place, message, "keep one of them"))
            return None
        if upstream.key_env is not None:
            return self._secret((*place, "key_env"), upstream.key_env)
        if upstream.key_file is not None:
            path = self._folder / upstream.key_file
            return self._found((*place, "key_file"), lambda: keys.from_file(path))
        return None

    def notifier(self, name: str, sheet: NotifierSheet) -> Notifier | None:
        """One that can be told; None where its URL is missing or no URL, or its secret is."""
        place = ("notifiers", name)
        url = self._secret((*place, "url_env"), sheet.url_env)
        secret = None
        if sheet.secret_env is not None:
            secret = self._secret((*place, "secret_env"), sheet.secret_env)
            if secret is None:
                return None
        if url is None:
            return None
        if url.reveal() and not is_web(url.reveal()):
            message = "names a variable that holds no http or https URL"
            self.problems.append(self._file.problem((*place, "url_env"), message))
            return None
        return Notifier(name=name, kind=sheet.kind, url=url, secret=secret)

    def _secret(self, where: Where, variable: str) -> Secret | None:
        found = self._found(where, partial(self._variable, variable))
        return Secret("") if found is None and self._lenient else found

    def _variable(self, variable: str) -> Secret:
        return keys.from_environment(variable, self._environ)

    def _found(self, where: Where, find: Callable[[], T], *, needed: bool = True) -> T | None:
        try:
            return find()
        except Unfit as unfit:
            problem = self._file.problem(where, unfit.message, unfit.hint)
            mild = isinstance(unfit, Unset) and (self._lenient or not needed)
            self.problems.append(replace(problem, warning=mild))
            return None
