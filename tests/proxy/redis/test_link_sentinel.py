"""Sentinels that speak TLS, and want passwords of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from proxy.policy import Secret
from proxy.redis.address import Address, Trust, parse
from proxy.redis.link import Link, Unreachable
from tests.doubles.patience import PATIENCE_S
from tests.doubles.redis_server import RedisServer, free_port

CANARY = "sk-CANARY-sentinel"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Address]:
    """A master and its Sentinel, each by TLS and with a password."""
    authority = trustme.CA()
    mine = authority.issue_cert("127.0.0.1")
    paths = {name: tmp_path / f"{name}.pem" for name in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(paths["ca"])
    mine.cert_chain_pems[0].write_to_path(paths["cert"])
    mine.private_key_pem.write_to_path(paths["key"])
    tls = [
        "tls-auth-clients no",
        "tls-replication yes",
        f"tls-cert-file {paths['cert']}",
        f"tls-key-file {paths['key']}",
        f"tls-ca-cert-file {paths['ca']}",
    ]
    behind, front = free_port(), free_port()
    secured = [f"requirepass {CANARY}-master", f"tls-port {behind}", *tls]
    watched = [
        f"requirepass {CANARY}-sentinel",
        f"tls-port {front}",
        *tls,
        f"sentinel monitor main 127.0.0.1 {behind} 1",
        f"sentinel auth-pass main {CANARY}-master",
    ]
    with (
        RedisServer(tmp_path / "master", *secured),
        RedisServer(tmp_path / "sentinel", *watched, sentinel=True),
    ):
        yield replace(
            parse(f"rediss+sentinel://127.0.0.1:{free_port()},127.0.0.1:{front}/main"),
            password=Secret(f"{CANARY}-master"),
            sentinel_password=Secret(f"{CANARY}-sentinel"),
            trust=Trust(ca_file=paths["ca"]),
        )


async def test_the_master_is_found_through_the_sentinel_that_answers(address: Address) -> None:
    link = Link(address, timeout_s=PATIENCE_S)
    assert await link.ask("ECHO", "a") == b"a"
    await link.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sentinel_password": Secret(CANARY)},
        {"password": Secret(CANARY)},
        {"trust": Trust()},
        {"master": "other"},
        {"tls": False},
    ],
    ids=["sentinel's password", "password", "authority", "name", "no tls"],
)
async def test_what_does_not_fit_is_refused_without_being_told(
    address: Address, wrong: dict[str, object]
) -> None:
    link = Link(replace(address, **wrong))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=r"^Redis ") as refused:
        await link.ask("ECHO", "a")
    assert CANARY not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)
    await link.close()
