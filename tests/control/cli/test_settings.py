"""`settings` prints what a data plane alone is started with, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.running.settings import decode
from tests.control.cli.shell import Shell
from tests.control.office import CONFIG

CANARY = "sk-CANARY-cli"
KEYED = CONFIG.replace("dialect: openai", "dialect: openai, key_env: OPENAI_API_KEY")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "crossfade.yaml"
    path.write_text(KEYED)
    return path


async def test_the_settings_name_the_keys_and_hold_none(nowhere: Shell, config: Path) -> None:
    done = await nowhere("settings", "-c", config, OPENAI_API_KEY=CANARY)
    assert (done.code, done.err) == (0, "")
    assert decode(done.out.encode()).upstreams[0].key_env == "OPENAI_API_KEY"
    assert "CANARY" not in done.out


async def test_unset_keys_are_a_warning(nowhere: Shell, config: Path) -> None:
    done = await nowhere("settings", "-c", config)
    assert done.code == 0
    assert "warning: upstreams.openai.key_env: the environment variable" in done.err
    assert decode(done.out.encode()).upstreams[0].keyed


async def test_it_can_listen_elsewhere(nowhere: Shell, config: Path) -> None:
    at = ("--listen", "127.0.0.1:8090", "--listen", "unix:/run/x")
    done = await nowhere("settings", "-c", config, *at)
    assert decode(done.out.encode()).listen == ("127.0.0.1:8090", "unix:/run/x")


async def test_a_bad_address_is_a_usage_error(nowhere: Shell, config: Path) -> None:
    done = await nowhere("settings", "-c", config, "--listen", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "is not an address to listen on (write HOST:PORT" in done.err


async def test_an_open_relay_is_refused(nowhere: Shell, config: Path) -> None:
    done = await nowhere("settings", "-c", config, "--listen", "0.0.0.0:80")
    assert (done.code, done.out) == (1, "")
    assert "clients is not spelt out" in done.err


async def test_an_invalid_file_is_refused_with_its_problems(nowhere: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "crossfade.yaml"
    broken.write_text(KEYED + "wrokers: 1\n")
    done = await nowhere("settings", "-c", broken)
    assert (done.code, done.out) == (1, "")
    assert "crossfade.yaml:10: wrokers" in done.err
