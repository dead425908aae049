"""Which store crossfade.yaml names, with its secrets, and where they were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from control.files.config_file import ConfigSheet, RedisSheet
from control.files.problems import Problem
from control.files.written import Written
from proxy.errors import Invalid
from proxy.keys import Unfit, Unset
from proxy.redis.address import Address
from proxy.redis.at import RedisAt
from proxy.redis.found import found


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The Redis named, and its address; both None for the embedded store, or for a problem."""

    at: RedisAt | None = None
    address: Address | None = None


def chosen(
    sheet: ConfigSheet,
    file: Written,
    folder: Path,
    environ: Mapping[str, str],
    *,
    lenient: bool,
) -> tuple[Chosen, list[Problem]]:
    """The store, and every problem with it; relative paths start at `folder`.

    `lenient` makes a variable that is unset a warning.
    """
    if sheet.store == "embedded":
        return Chosen(), []
    try:
        at = _at(sheet.store, folder)
    except Invalid as error:
        return Chosen(), [file.problem(("store",), str(error))]
    try:
        return Chosen(at=at, address=found(at, environ)), []
    except Unfit as unfit:
        problem = file.problem(("store",), unfit.message, unfit.hint)
        mild = lenient and isinstance(unfit, Unset)
        return Chosen(at=at), [replace(problem, warning=mild)]


def _at(sheet: str | RedisSheet, folder: Path) -> RedisAt:
    if isinstance(sheet, str):
        return RedisAt(url=sheet)
    return RedisAt(
        url=sheet.url,
        url_env=sheet.url_env,
        password_env=sheet.password_env,
        password_file=_path(folder, sheet.password_file),
        sentinel_password_env=sheet.sentinel_password_env,
        ca_file=_path(folder, sheet.ca_file),
        cert_file=_path(folder, sheet.cert_file),
        cert_key_file=_path(folder, sheet.cert_key_file),
    )


def _path(folder: Path, name: str | None) -> str | None:
    return None if name is None else str((folder / name).absolute())
