"""Rules of crossfade.yaml that bind several fields; each broken one is a refusal to start."""

from __future__ import annotations

from collections.abc import Iterator

from control.files.address import is_loopback
from control.files.config_file import ConfigSheet
from control.files.problems import Problem, suggestion
from control.files.written import Written


def problems(sheet: ConfigSheet, file: Written) -> Iterator[Problem]:
    """Every broken rule.

    `sheet` may be what remains of a file with other problems; so what the file says is asked of
    `file`: an entry that could not be read is there all the same.
    """
    said = file.value if isinstance(file.value, dict) else {}
    yield from _admin(sheet, file, said)
    yield from _relay(sheet, file, said)
    yield from _listeners(sheet, file)
    yield from _models(sheet, file, said)
    yield from _workers(sheet, file)


def _workers(sheet: ConfigSheet, file: Written) -> Iterator[Problem]:
    if sheet.workers > 1 and sheet.store == "embedded":
        yield file.problem(
            ("workers",),
            "more than one worker needs a Redis store",
            "add store: redis://HOST:PORT, or write workers: 1",
        )


def _admin(sheet: ConfigSheet, file: Written, said: dict[str, object]) -> Iterator[Problem]:
    admin = said.get("admin")
    named = admin if isinstance(admin, dict) else {}
    owned = named.get("token_env") is not None
    for lesser in ("operator_token_env", "viewer_token_env"):
        if named.get(lesser) is not None and not owned:
            yield file.problem(
                ("admin", lesser),
                "is named, but no owner's token is: nobody could apply",
                "add token_env: CROSSFADE_TOKEN",
            )
    if not owned and not is_loopback(sheet.admin.listen):
        yield file.problem(
            ("admin", "listen"),
            "listens beyond loopback without a token",
            "add token_env: CROSSFADE_TOKEN, or listen on 127.0.0.1",
        )


def _relay(sheet: ConfigSheet, file: Written, said: dict[str, object]) -> Iterator[Problem]:
    """No open relay on the company's key by accident."""
    exposed = [at for at, address in enumerate(sheet.listen) if not is_loopback(address)]
    if not exposed or said.get("clients") is not None or not _keyed(said):
        return
    place = ("listen", exposed[0]) if isinstance(said.get("listen"), list) else ("listen",)
    yield file.problem(
        place,
        "listens beyond loopback while an upstream has a key, and clients is not spelt out",
        "write clients: {tokens_env: CLIENT_TOKENS}, or clients: open if anyone may use the key",
    )


def _keyed(said: dict[str, object]) -> bool:
    upstreams = said.get("upstreams")
    entries = upstreams.values() if isinstance(upstreams, dict) else ()
    return any(
        isinstance(entry, dict) and ("key_env" in entry or "key_file" in entry) for entry in entries
    )


def _listeners(sheet: ConfigSheet, file: Written) -> Iterator[Problem]:
    taken: set[str] = set()
    for at, address in enumerate(sheet.listen):
        if address in taken:
            yield file.problem(("listen", at), "is listed twice")
        if not address.endswith(":0"):
            taken.add(address)
    if sheet.admin.listen in taken:
        yield file.problem(
            ("admin", "listen"),
            "is an address that applications connect to",
            "give the admin API an address of its own",
        )


def _models(sheet: ConfigSheet, file: Written, said: dict[str, object]) -> Iterator[Problem]:
    upstreams = said.get("upstreams")
    known = set(upstreams) if isinstance(upstreams, dict) else set()
    for name, model in sheet.models.items():
        if model.upstream not in known:
            yield file.problem(
                ("models", name, "upstream"),
                "is not one of the upstreams",
                suggestion(model.upstream, known),
            )
