"""Secrets are found where the file says, and each one that is missing is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files.check import check
from control.files.config_file import ConfigSheet
from control.files.config_secrets import Origins, Secrets, find_secrets, origins
from control.files.problems import Problem
from control.files.written import parse
from control.roles import Role
from control.words.notifiers import Kind

TEXT = """\
admin: {token_env: ADMIN}
clients: {tokens_env: TOKENS}
upstreams:
  a: {url: "https://a", dialect: openai, key_env: KEY}
  b: {url: "https://b", dialect: openai, key_file: key.txt}
  c: {url: "https://c", dialect: openai}
"""


def find(
    text: str, folder: Path, environ: dict[str, str], *, lenient: bool = False
) -> tuple[Secrets, list[Problem]]:
    file = parse(text, "f")
    sheet, problems = check(ConfigSheet, file)
    assert sheet is not None
    assert problems == []
    return find_secrets(sheet, file, folder, environ, lenient=lenient)


def test_all_secrets_are_found(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("from-file\n")
    environ = {"ADMIN": "adm", "TOKENS": "t1 t2", "KEY": "from-env"}
    secrets, problems = find(TEXT, tmp_path, environ)
    assert problems == []
    assert {role: token.reveal() for role, token in secrets.admin.items()} == {Role.OWNER: "adm"}
    assert [token.reveal() for token in secrets.clients or ()] == ["t1", "t2"]
    revealed = {name: key.reveal() for name, key in secrets.keys.items()}
    assert revealed == {"a": "from-env", "b": "from-file"}


def test_missing_secrets_are_all_named(tmp_path: Path) -> None:
    secrets, problems = find(TEXT, tmp_path, {})
    assert secrets == Secrets(keys={})
    assert [(found.where, found.line, found.warning) for found in problems] == [
        ("admin.token_env", 1, True),
        ("clients.tokens_env", 2, False),
        ("upstreams.a.key_env", 4, False),
        ("upstreams.b.key_file", 5, False),
    ]


def test_in_a_review_unset_variables_are_warnings_and_keys_have_stand_ins(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("from-file\n")
    secrets, problems = find(TEXT, tmp_path, {}, lenient=True)
    assert [found.warning for found in problems] == [True, True, True]
    assert set(secrets.keys) == {"a", "b"}


def test_in_a_review_a_bad_key_is_still_a_problem(tmp_path: Path) -> None:
    text = "upstreams: {a: {url: 'https://a', dialect: openai, key_env: KEY}}"
    _, (found,) = find(text, tmp_path, {"KEY": "sk-CANARY-1\nx"}, lenient=True)
    assert not found.warning
    assert "CANARY" not in str(found)


def test_two_sources_for_one_key_are_refused(tmp_path: Path) -> None:
    text = "upstreams: {a: {url: 'https://a', dialect: openai, key_env: K, key_file: k}}"
    _, (found,) = find(text, tmp_path, {"K": "k"})
    assert str(found) == "f:1: upstreams.a: key_env and key_file are both given (keep one of them)"


@pytest.mark.parametrize(
    ("listen", "warning"), [("127.0.0.1:1", True), ("unix:/run/x", True), ("0.0.0.0:1", False)]
)
def test_an_unset_admin_token_is_a_warning_on_loopback_alone(
    tmp_path: Path, listen: str, warning: bool
) -> None:
    text = (
        f"admin: {{listen: '{listen}', token_env: ABSENT}}\n"
        "upstreams: {a: {url: 'https://a', dialect: openai}}"
    )
    _, (found,) = find(text, tmp_path, {})
    assert found.warning is warning


ROLES = """\
admin: {token_env: OWN, operator_token_env: OPER, viewer_token_env: VIEW}
upstreams: {a: {url: "https://a", dialect: openai}}
"""


def test_each_role_has_its_token(tmp_path: Path) -> None:
    secrets, problems = find(ROLES, tmp_path, {"OWN": "own", "OPER": "oper", "VIEW": "view"})
    assert problems == []
    assert {role: token.reveal() for role, token in secrets.admin.items()} == {
        Role.OWNER: "own",
        Role.OPERATOR: "oper",
        Role.VIEWER: "view",
    }


def test_where_roles_are_named_none_of_their_tokens_may_be_unset(tmp_path: Path) -> None:
    secrets, problems = find(ROLES, tmp_path, {"VIEW": "view"})
    assert set(secrets.admin) == {Role.VIEWER}
    assert [(found.where, found.warning) for found in problems] == [
        ("admin.token_env", False),
        ("admin.operator_token_env", False),
    ]


def test_one_token_is_of_one_role_alone(tmp_path: Path) -> None:
    environ = {"OWN": "sk-CANARY-1", "OPER": "oper", "VIEW": "sk-CANARY-1"}
    secrets, (found,) = find(ROLES, tmp_path, environ)
    assert set(secrets.admin) == {Role.OWNER, Role.OPERATOR}
    assert str(found) == "f:1: admin.viewer_token_env: is the token of another role too"
    assert not found.warning


def test_where_nothing_is_named_nothing_is_missing(tmp_path: Path) -> None:
    text = "upstreams: {a: {url: 'https://a', dialect: openai}}"
    assert find(text, tmp_path, {}) == (Secrets(keys={}), [])


@pytest.mark.parametrize(
    ("clients", "tokens_env"), [("", None), ("clients: open", None), (None, "TOKENS")]
)
def test_where_secrets_are_found_is_known_without_them(
    clients: str | None, tokens_env: str | None
) -> None:
    text = TEXT if clients is None else TEXT.replace("clients: {tokens_env: TOKENS}", clients)
    sheet, _ = check(ConfigSheet, parse(text, "f"))
    assert sheet is not None
    assert origins(sheet, Path("/etc")) == Origins(
        tokens_env=tokens_env, key_envs={"a": "KEY"}, key_files={"b": Path("/etc/key.txt")}
    )


NOTIFIERS = """\
upstreams: {a: {url: "https://a", dialect: openai}}
notifiers:
  ops: {kind: slack, url_env: HOOK}
  audit: {kind: webhook, url_env: AUDIT, secret_env: SIGN}
"""
HOOKS = {"HOOK": "https://hooks/CANARY?a=b", "AUDIT": "http://127.0.0.1:9/x", "SIGN": "s"}


def test_notifiers_have_their_urls_and_secrets(tmp_path: Path) -> None:
    secrets, problems = find(NOTIFIERS, tmp_path, HOOKS)
    assert problems == []
    ops, audit = secrets.notifiers["ops"], secrets.notifiers["audit"]
    assert (ops.name, ops.kind, ops.url.reveal(), ops.secret) == (
        "ops",
        Kind.SLACK,
        "https://hooks/CANARY?a=b",
        None,
    )
    assert audit.secret is not None
    assert (audit.kind, audit.secret.reveal()) == (Kind.WEBHOOK, "s")
    assert "CANARY" not in repr(secrets)


@pytest.mark.parametrize("lacking", sorted(HOOKS))
@pytest.mark.parametrize("lenient", [True, False])
def test_what_a_notifier_lacks_is_named(tmp_path: Path, lacking: str, lenient: bool) -> None:
    rest = {name: value for name, value in HOOKS.items() if name != lacking}
    secrets, (found,) = find(NOTIFIERS, tmp_path, rest, lenient=lenient)
    assert lacking in found.message
    assert found.warning is lenient
    assert len(secrets.notifiers) == (2 if lenient else 1)


@pytest.mark.parametrize("url", ["ftp://CANARY/x", "https://", "CANARY", "http://[CANARY"])
def test_a_notifier_needs_a_url_to_post_to(tmp_path: Path, url: str) -> None:
    secrets, (found,) = find(NOTIFIERS, tmp_path, HOOKS | {"HOOK": url})
    assert found.where == "notifiers.ops.url_env"
    assert found.message == "names a variable that holds no http or https URL"
    assert "CANARY" not in str(found)
    assert set(secrets.notifiers) == {"audit"}
