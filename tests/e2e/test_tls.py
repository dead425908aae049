"""TLS to upstreams: a certificate that fits is used, and any other one is refused."""

from __future__ import annotations

import asyncio
import json
import ssl

import trustme

from tests.doubles.raw import connected
from tests.doubles.requests import get
from tests.doubles.upstream import Server
from tests.e2e.conftest import Make


async def test_only_the_right_certificate_is_spoken_to(make: Make) -> None:
    trusted, stranger = trustme.CA(), trustme.CA()
    fits, wrong_name = _context(trusted, "127.0.0.1"), _context(trusted, "example.com")
    async with (
        Server("old", tls=fits) as good,
        Server("old", tls=wrong_name) as named,
        Server("old", tls=_context(stranger, "127.0.0.1")) as foreign,
        Server("old") as plain,
    ):
        ports = {"good": good, "named": named, "foreign": foreign, "plain": plain}
        crossfade = make(
            {
                "upstreams": {
                    name: {
                        "url": f"https://127.0.0.1:{server.port}",
                        "dialect": "openai",
                        "ca_file": "ca.pem",
                        "key_env": "OLD_KEY",
                    }
                    for name, server in ports.items()
                },
                "models": {},
            }
        )
        trusted.cert_pem.write_to_path(str(crossfade.folder / "ca.pem"))
        crossfade.start()
        async with connected(crossfade.port) as client:
            answer = await client.ask(get(b"/u/good/v1/models"))
            assert (answer.status, len(good.requests)) == (200, 1)
            for name in ("named", "foreign", "plain"):
                answer = await client.ask(get(f"/u/{name}/v1/models".encode()))
                error = json.loads(answer.body)["error"]
                assert (answer.status, error["code"]) == (502, "upstream_tls")
                assert error["message"] == "The upstream's TLS certificate was not accepted."
                assert ports[name].requests == []
        await asyncio.to_thread(crossfade.stop)
    assert any("upstream_trouble code=upstream_tls" in event for event in crossfade.events)


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context
