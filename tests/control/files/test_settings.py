"""The configuration becomes the settings of a data plane alone, and no secret goes along."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from control.files import config
from control.files.settings import prices, settings
from proxy.errors import Invalid
from proxy.policy import Limits
from proxy.running.alone import parts
from proxy.running.settings import PriceSettings, Settings, TokensAt, decode, encode

CANARY = "sk-CANARY-derived"
ENVIRON = {"KEY": CANARY, "TOKENS": f"{CANARY}-1 {CANARY}-2", "CROSSFADE_TOKEN": f"{CANARY}-3"}
FILE = """\
environment: staging
listen: [127.0.0.1:0, "unix:/run/crossfade.sock"]
admin: {token_env: CROSSFADE_TOKEN}
state_dir: state
limits: {max_streams: 12, drain_timeout: 1500ms}
upstreams:
  full: {url: "https://h:444/p", dialect: openai, key_env: KEY, auth: api-key, ca_file: ca.pem}
  file: {url: "unix:/run/up", host: up.example, dialect: anthropic, key_file: key.txt}
  own:  {url: "http://[::1]:9", dialect: ollama}
models:
  m: {upstream: full, price: {input: 0.15, output: 0.6, cache_write: 0.2}}
  n: {upstream: own, model: llama}
"""


def derived(
    folder: Path, text: str = FILE, *, lenient: bool = False, listen: tuple[str, ...] = ()
) -> tuple[config.Config, Settings]:
    (folder / "key.txt").write_text(f"{CANARY}-4\n")
    (folder / "ca.pem").touch()
    (folder / "crossfade.yaml").write_text(text)
    environ = {} if lenient else ENVIRON
    loaded = config.load(folder / "crossfade.yaml", environ, lenient=lenient)
    return loaded, settings(loaded, listen=listen)


def test_a_data_plane_alone_is_built_from_what_serve_is_built_from(tmp_path: Path) -> None:
    loaded, said = derived(tmp_path)
    found = parts(decode(encode(said)), ENVIRON)
    # Keys have no equality of their own: one that is not shown cannot be compared by accident.
    assert [str(upstream) for upstream in found.upstreams] == list(map(str, loaded.upstreams))
    assert [upstream.key.reveal() if upstream.key else None for upstream in found.upstreams] == [
        upstream.key.reveal() if upstream.key else None for upstream in loaded.upstreams
    ]
    assert found.limits == loaded.limits == Limits(max_streams=12, drain_timeout=1.5)
    assert said.listen == loaded.listen
    assert said.environment == "staging"


def test_no_secret_goes_along(tmp_path: Path) -> None:
    text = encode(derived(tmp_path, f"{FILE}clients: {{tokens_env: TOKENS}}\n")[1]).decode()
    assert "CANARY" not in text
    assert '"key_env": "KEY"' in text
    assert '"tokens_env": "TOKENS"' in text
    assert "CROSSFADE_TOKEN" not in text


def test_secrets_need_not_be_at_hand(tmp_path: Path) -> None:
    text = f"{FILE}clients: {{tokens_env: TOKENS}}\n"
    assert derived(tmp_path, text, lenient=True)[1] == derived(tmp_path, text)[1]


def test_paths_mean_the_same_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived(tmp_path)
    monkeypatch.chdir(tmp_path)
    said = settings(config.load(Path("crossfade.yaml"), ENVIRON))
    full, file, _ = said.upstreams
    assert said.state_dir == str(tmp_path / "state")
    assert (full.ca_file, file.key_file) == (str(tmp_path / "ca.pem"), str(tmp_path / "key.txt"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", None),
        ("clients: open\n", "open"),
        ("clients: {tokens_env: TOKENS}\n", TokensAt(tokens_env="TOKENS")),
    ],
)
def test_clients_stay_as_they_are_spelt(tmp_path: Path, written: str, said: object) -> None:
    assert derived(tmp_path, FILE + written)[1].clients == said


def test_other_addresses_take_the_place_of_the_files(tmp_path: Path) -> None:
    assert derived(tmp_path, listen=("127.0.0.1:9",))[1].listen == ("127.0.0.1:9",)


def test_other_addresses_open_no_relay_by_accident(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="clients is not spelt out"):
        derived(tmp_path, listen=("0.0.0.0:9",))


def test_the_files_own_prices_go_along(tmp_path: Path) -> None:
    loaded, said = derived(tmp_path)
    assert said.prices == prices(loaded)
    assert said.prices == (
        PriceSettings(
            upstream="full",
            model="m",
            input=Decimal("0.15"),
            output=Decimal("0.6"),
            cache_write=Decimal("0.2"),
        ),
    )
