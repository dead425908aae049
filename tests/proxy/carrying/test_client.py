"""What a relay may ask of a client is what a client's connection can do."""

from __future__ import annotations

from proxy.carrying.client import Client
from proxy.carrying.connection import ClientConnection
from tests.doubles.stage import Stage


def test_a_clients_connection_is_a_client() -> None:
    client: Client = ClientConnection(Stage().worker)
    assert client.full is False
    client.write(b"lost: nobody has connected")
    client.hold_upload()
    client.resume_upload()
    assert not client.progressed()
