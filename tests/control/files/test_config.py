"""crossfade.yaml becomes one checked configuration, or a list of everything wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.files import config
from control.files.config import Admin, Config, Model, Price
from control.files.config_file import ConfigSheet, LimitsSheet
from control.files.models_file import Status, UpstreamSheet
from control.files.problems import ConfigError, Problem
from control.files.written import Where, Written, parse, spelt
from control.roles import Role
from proxy.policy import Auth, Dialect, Limits

CANARY = "sk-CANARY-config"
ENVIRON = {"OPENAI_API_KEY": CANARY, "ANTHROPIC_API_KEY": f"{CANARY}-2", "TOKENS": "a,b"}

# The example of the published interface, as it stands there.
PUBLISHED = """\
environment: production           # staging | production | any name; shown everywhere
listen: 127.0.0.1:8080
admin:
  listen: 127.0.0.1:8081
  token_env: CROSSFADE_TOKEN
clients: open
store: embedded
state_dir: .crossfade
workers: 1
limits: {max_body: 64MiB, max_parse: 8MiB, max_buffered: 512MiB, max_headers: 64KiB,
         max_streams: 10000, header_timeout: 10s, body_timeout: 60s, connect_timeout: 5s,
         first_byte_timeout: 600s, stream_idle_timeout: 300s, client_keepalive: 75s,
         upstream_keepalive: 15s, total_timeout: 30m, drain_timeout: 60s}
upstreams:
  openai:    {url: "https://api.openai.com",    dialect: openai,    key_env: OPENAI_API_KEY, \
inject_usage: true}
  anthropic: {url: "https://api.anthropic.com", dialect: anthropic, key_env: ANTHROPIC_API_KEY}
  local:     {url: "http://127.0.0.1:9000",     dialect: openai}
models:
  gpt-4o:      {upstream: openai, model: gpt-4o-2024-08-06, status: production}
  gpt-4o-mini: {upstream: openai, model: gpt-4o-mini, status: staging, \
price: {input: 0.15, cached_input: 0.075, output: 0.60}}
"""


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    path = folder / "crossfade.yaml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, ENVIRON if environ is None else environ)


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as error:
        loaded(folder, text, environ)
    assert "CANARY" not in str(error.value)
    return error.value.problems


def test_the_published_example_is_a_configuration(tmp_path: Path) -> None:
    made = loaded(tmp_path, PUBLISHED)
    assert made.environment == "production"
    assert made.listen == ("127.0.0.1:8080",)
    assert made.admin == Admin(listen="127.0.0.1:8081")
    assert (made.clients, made.store, made.workers) == ("open", "embedded", 1)
    assert made.state_dir == tmp_path / ".crossfade"
    assert made.limits == Limits()
    assert [upstream.name for upstream in made.upstreams] == ["openai", "anthropic", "local"]
    assert made.models == {
        "gpt-4o": Model(upstream="openai", model="gpt-4o-2024-08-06", status=Status.PRODUCTION),
        "gpt-4o-mini": Model(
            upstream="openai",
            model="gpt-4o-mini",
            status=Status.STAGING,
            price=Price(
                input=Decimal("0.15"), cached_input=Decimal("0.075"), output=Decimal("0.60")
            ),
        ),
    }


def test_an_upstream_is_found_by_name(tmp_path: Path) -> None:
    made = loaded(tmp_path, PUBLISHED)
    found = made.upstream("anthropic")
    assert found is not None
    assert (found.dialect, found.auth, found.host) == (
        Dialect.ANTHROPIC,
        Auth.X_API_KEY,
        "api.anthropic.com",
    )
    assert made.upstream("absent") is None


def test_a_model_without_a_name_of_its_own_has_that_of_the_registry(tmp_path: Path) -> None:
    text = "upstreams: {o: {url: 'http://h', dialect: openai}}\nmodels: {m: {upstream: o}}"
    assert loaded(tmp_path, text).models["m"] == Model(
        upstream="o", model="m", status=Status.STAGING
    )


def test_client_tokens_come_from_the_environment(tmp_path: Path) -> None:
    made = loaded(tmp_path, PUBLISHED.replace("clients: open", "clients: {tokens_env: TOKENS}"))
    assert isinstance(made.clients, tuple)
    assert [token.reveal() for token in made.clients] == ["a", "b"]


def test_unspelt_clients_stay_unspelt(tmp_path: Path) -> None:
    assert loaded(tmp_path, PUBLISHED.replace("clients: open\n", "")).clients is None


def test_the_admin_token_comes_from_the_environment(tmp_path: Path) -> None:
    made = loaded(tmp_path, PUBLISHED, ENVIRON | {"CROSSFADE_TOKEN": "t"})
    assert made.admin.tokens[Role.OWNER].reveal() == "t"


def test_an_absolute_state_dir_stays_where_it_is(tmp_path: Path) -> None:
    made = loaded(tmp_path, PUBLISHED.replace("state_dir: .crossfade", "state_dir: /var/lib/x"))
    assert made.state_dir == Path("/var/lib/x")


def test_notifiers_are_found_by_the_names_of_the_file(tmp_path: Path) -> None:
    text = PUBLISHED + "notifiers: {ops: {kind: slack, url_env: HOOK}}\n"
    made = loaded(tmp_path, text, ENVIRON | {"HOOK": "https://hooks.example.com/CANARY"})
    assert made.notifiers["ops"].url.reveal() == "https://hooks.example.com/CANARY"
    assert "CANARY" not in repr(made)


def test_no_secret_is_shown_by_a_configuration(tmp_path: Path) -> None:
    assert "CANARY" not in repr(loaded(tmp_path, PUBLISHED))


def test_unset_keys_are_named_all_at_once(tmp_path: Path) -> None:
    found = refused(tmp_path, PUBLISHED, {})
    assert [(problem.where, problem.line) for problem in found] == [
        ("upstreams.openai.key_env", 15),
        ("upstreams.anthropic.key_env", 16),
    ]
    assert "OPENAI_API_KEY is not set" in found[0].message


def test_problems_of_fields_and_of_rules_come_together(tmp_path: Path) -> None:
    text = """\
listen: 0.0.0.0:8080
limits: {max_bdy: 1KiB}
upstreams:
  openai: {url: "http://u:sk-CANARY-1@h", dialect: openai, key_env: OPENAI_API_KEY}
  broken: {dialect: openai, key_env: ABSENT}
models:
  m: {upstream: opnai}
  n: {upstream: broken}
"""
    assert [(problem.line, problem.where) for problem in refused(tmp_path, text)] == [
        (1, "listen"),
        (2, "limits.max_bdy"),
        (4, "upstreams.openai.url"),
        (5, "upstreams.broken.url"),
        (7, "models.m.upstream"),
    ]


def test_a_file_without_upstreams_is_refused(tmp_path: Path) -> None:
    assert [str(problem) for problem in refused(tmp_path, "listen: 127.0.0.1:1")] == [
        f"{tmp_path}/crossfade.yaml:1: upstreams: is missing"
    ]
    assert "is empty" in str(refused(tmp_path, "")[0])


def test_warnings_are_told_and_keep_nothing_from_being_used(tmp_path: Path) -> None:
    told: list[Problem] = []
    path = tmp_path / "crossfade.yaml"
    path.write_text(PUBLISHED)
    assert config.load(path, ENVIRON, warn=told.append).admin.tokens == {}
    assert [(problem.where, problem.warning) for problem in told] == [("admin.token_env", True)]


def test_a_review_loads_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "crossfade.yaml"
    path.write_text(PUBLISHED)
    told: list[Problem] = []
    made = config.load(path, {}, lenient=True, warn=told.append)
    assert len(told) == 3
    assert made.origins.key_envs == {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path / "crossfade.yaml", {})


def test_a_review_without_secrets_gives_warnings_and_keyed_upstreams() -> None:
    examined = config.examine(parse(PUBLISHED, "c.yaml"), Path(), {}, lenient=True)
    assert [problem.warning for problem in examined.problems] == [True, True, True]
    assert examined.config is not None
    keyed = [upstream.name for upstream in examined.config.upstreams if upstream.key is not None]
    assert keyed == ["openai", "anthropic"]


def leaves(value: object, where: Where = ()) -> Iterator[Where]:
    """Where each scalar of a tree stands."""
    inner = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)  # type: ignore[assignment]
    elif not isinstance(value, dict):
        yield where
    for part, item in inner:
        yield from leaves(item, (*where, part))


def replaced(value: object, where: Where, with_: object) -> object:
    """The tree with another value in one place."""
    tree = deepcopy(value)
    inner: Any = tree
    for part in where[:-1]:
        inner = inner[part]
    inner[where[-1]] = with_
    return tree


@pytest.mark.parametrize("pasted", ["sk-CANARY-1", "sk-CANARY-1\n", ["sk-CANARY-1"], " CANARY "])
@pytest.mark.parametrize("where", tuple(leaves(parse(PUBLISHED, "f").value)), ids=spelt)
def test_a_key_that_is_pasted_anywhere_is_never_repeated(where: Where, pasted: object) -> None:
    tree = replaced(parse(PUBLISHED, "f").value, where, pasted)
    file = Written(file="f", value=tree, lines={})
    for problem in config.examine(file, Path(), ENVIRON).problems:
        assert "CANARY" not in str(problem)


NAMES = st.sampled_from(
    [*ConfigSheet.model_fields, *UpstreamSheet.model_fields, *LimitsSheet.model_fields, "zzz"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("unix:/x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(tree=st.dictionaries(NAMES, VALUES, max_size=8) | VALUES)
def test_no_tree_of_values_crashes_the_checks(tree: object) -> None:
    config.examine(Written(file="f", value=tree, lines={}), Path(), ENVIRON)
