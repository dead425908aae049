"""Which store crossfade.yaml names: its Redis, where the secrets are, what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from control.files import config
from control.files.config import Config
from control.files.problems import ConfigError, Problem
from control.files.settings import settings
from control.files.written import parse
from proxy.policy import Secret
from proxy.redis.address import Address, Trust
from proxy.redis.at import RedisAt
from proxy.running.settings import encode

CANARY = "sk-CANARY-redis"
REST = 'upstreams:\n  a: {url: "http://127.0.0.1:9", dialect: openai}\n'


FOLDER = Path("/etc/crossfade")


def examined(
    store: str,
    environ: Mapping[str, str] = MappingProxyType({}),
    *,
    folder: Path = FOLDER,
    lenient: bool = False,
) -> tuple[Config, list[Problem]]:
    found = config.examine(parse(f"store: {store}\n{REST}", "f"), folder, environ, lenient=lenient)
    assert found.config is not None
    return found.config, list(found.problems)


def address(store: str, *, folder: Path = FOLDER, **environ: str) -> Address:
    made, problems = examined(store, environ, folder=folder)
    assert problems == []
    assert isinstance(made.store, Address)
    return made.store


def test_without_a_word_the_store_is_embedded() -> None:
    made, problems = examined("embedded")
    assert (made.store, made.origins.redis, problems) == ("embedded", None, [])


def test_a_url_is_a_redis() -> None:
    assert address("redis://redis.internal/3") == Address(
        hosts=(("redis.internal", 6379),), database=3
    )


def test_a_mapping_says_where_the_secrets_are(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{CANARY}\n")
    for name in ("ca.pem", "mine.pem", "mine.key"):
        (tmp_path / name).touch()
    made = address(
        "{url: 'rediss+sentinel://me@s1,s2:7/main', password_file: password, ca_file: ca.pem,"
        " sentinel_password_env: SENTINEL, cert_file: mine.pem, cert_key_file: mine.key}",
        folder=tmp_path,
        SENTINEL="sk-CANARY-sentinel",
    )
    assert (made.hosts, made.master, made.username) == ((("s1", 26379), ("s2", 7)), "main", "me")
    assert isinstance(made.password, Secret)
    assert isinstance(made.sentinel_password, Secret)
    assert made.password.reveal() == CANARY
    assert made.sentinel_password.reveal() == "sk-CANARY-sentinel"
    assert made.trust == Trust(
        ca_file=tmp_path / "ca.pem",
        cert_file=tmp_path / "mine.pem",
        cert_key_file=tmp_path / "mine.key",
    )


def test_a_password_may_stand_in_the_variable_that_holds_the_url() -> None:
    made = address("{url_env: REDIS_URL}", REDIS_URL=f"rediss://me:{CANARY}@h")
    assert made.password is not None
    assert made.password.reveal() == CANARY
    assert CANARY not in repr(made)


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("{}", "a Redis store has either url or url_env"),
        ("{url: redis://h, url_env: U}", "a Redis store has either url or url_env"),
        (
            "{url: redis://h, password_env: P, password_file: p}",
            "password_env and password_file are both given",
        ),
        (
            "{url: rediss://h, cert_file: c}",
            "cert_file and cert_key_file are given together or not at all",
        ),
        ("{url: redis://h, ca_file: c}", "certificates are for rediss:// and rediss+sentinel://"),
        (
            "{url: redis://h, sentinel_password_env: S}",
            "sentinel_password_env is for redis+sentinel:// and rediss+sentinel://",
        ),
        ("{url: redis://h, password_file: nowhere}", "the key cannot be read: No such file or dir"),
        ("{url: rediss://h, ca_file: nowhere}", "the store's ca_file cannot be read: No such file"),
        (
            "{url_env: WRONG}",
            "the value of WRONG cannot be used: is not a Redis URL",
        ),
        (
            "{url_env: TWICE, password_env: P}",
            "the value of TWICE cannot be used: the store's password is in the URL and given apart",
        ),
        ("{url: redis://h, password_env: UNSET}", "the environment variable UNSET is not set"),
    ],
)
def test_what_does_not_fit_is_said_and_repeats_no_secret(store: str, said: str) -> None:
    environ = {"P": CANARY, "WRONG": f"http://:{CANARY}@h", "TWICE": f"redis://:{CANARY}@h"}
    made, problems = examined(store, environ)
    (problem,) = problems
    assert problem.where == "store"
    assert problem.message.startswith(said)
    assert not problem.warning
    assert CANARY not in str(problem)
    assert made.store == "embedded"


def test_without_the_secrets_at_hand_an_unset_variable_is_a_warning() -> None:
    made, (problem,) = examined("{url_env: REDIS_URL}", lenient=True)
    assert problem.warning
    assert made.origins.redis == RedisAt(url_env="REDIS_URL")


def test_what_a_data_plane_is_told_holds_no_password(tmp_path: Path) -> None:
    file = tmp_path / "crossfade.yaml"
    file.write_text("store: {url: redis://me@h, password_env: PASSWORD}\n" + REST)
    told = encode(settings(config.load(file, {"PASSWORD": CANARY})))
    assert b"redis://me@h" in told
    assert b"PASSWORD" in told
    assert CANARY.encode() not in told


def test_a_file_with_a_password_in_it_is_refused_without_repeating_it(tmp_path: Path) -> None:
    file = tmp_path / "crossfade.yaml"
    file.write_text(f"store: redis://me:{CANARY}@h\n" + REST)
    with pytest.raises(ConfigError) as refused:
        config.load(file, {})
    assert CANARY not in str(refused.value)
