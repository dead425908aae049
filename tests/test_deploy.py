"""What can be known of deploy/ without a container engine and without systemd."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from control.cli.commands import COMMANDS
from control.files.config import load
from proxy.policy import Limits

DEPLOY = Path(__file__).parents[1] / "deploy"
UNIT = "systemd/crossfade.service"
SECRETS = {"CROSSFADE_TOKEN": "t" * 32, "CLIENT_TOKENS": "c" * 32, "OPENAI_API_KEY": "sk-test"}


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_container_configuration_is_good_with_its_secrets() -> None:
    config = load(DEPLOY / "crossfade.yaml", SECRETS)
    assert str(config.state_dir) == "/var/lib/crossfade"


def test_the_composition_passes_every_secret_that_the_configuration_names() -> None:
    service = YAML(typ="safe").load(text("compose.yaml"))["services"]["crossfade"]
    named = set(re.findall(r"_env: (\w+)", text("crossfade.yaml")))
    assert set(service["environment"]) == named == set(SECRETS)
    assert all(value == f"${{{name}:?}}" for name, value in service["environment"].items())


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("compose.yaml", r"stop_grace_period: (\d+)s"),
        (UNIT, r"TimeoutStopSec=(\d+)"),
    ],
)
def test_whoever_stops_it_waits_longer_than_it_drains(name: str, pattern: str) -> None:
    found = re.search(pattern, text(name))
    assert found is not None
    assert int(found[1]) > Limits().drain_timeout


def test_the_service_starts_commands_that_exist() -> None:
    commands = re.findall(r"^Exec\w+=/opt/crossfade/bin/crossfade (\w+)", text(UNIT), re.MULTILINE)
    assert commands == ["lint", "serve"]
    assert set(commands) <= set(COMMANDS)


def test_the_image_is_built_from_files_that_exist() -> None:
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text("Dockerfile"), re.MULTILINE):
        for source in line.split():
            assert (DEPLOY.parent / source).exists()


def test_the_image_installs_nothing_without_a_hash() -> None:
    installs = re.findall(r"install --no-cache-dir (\S+)", text("Dockerfile"))
    assert sorted(set(installs)) == ["--no-deps", "--require-hashes"]
