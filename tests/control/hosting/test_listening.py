"""A host's sockets are bound once, or none of them is."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from control.hosting.listening import listening
from proxy.errors import Invalid


def test_every_address_gets_a_socket_that_takes_connections(tmp_path: Path) -> None:
    path = tmp_path / "s"
    held = listening(["127.0.0.1:0", f"unix:{path}", "[::1]:0"])
    try:
        for one in held:
            with socket.socket(one.family) as client:
                client.connect(one.getsockname())
            assert not one.get_inheritable()
    finally:
        for one in held:
            one.close()


def test_a_dead_socket_is_bound_anew_and_a_live_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    for one in listening([f"unix:{path}"]):
        one.close()
    (again,) = listening([f"unix:{path}"])
    with pytest.raises(OSError, match="another process listens"):
        listening([f"unix:{path}"])
    again.close()


def test_after_a_failure_nothing_is_held() -> None:
    (taken,) = listening(["127.0.0.1:0"])
    port = taken.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = free.getsockname()[1]
    with pytest.raises(OSError, match="in use"):
        listening([f"127.0.0.1:{other}", f"127.0.0.1:{port}"])
    (again,) = listening([f"127.0.0.1:{other}"])
    again.close()
    taken.close()
    with pytest.raises(Invalid):
        listening(["nowhere"])


def test_beside_the_workers_of_a_parent_that_died_the_same_addresses_are_bound(
    tmp_path: Path,
) -> None:
    before = listening(["127.0.0.1:0", f"unix:{tmp_path / 's'}"])
    port = before[0].getsockname()[1]
    with pytest.raises(OSError, match="in use"):
        listening([f"127.0.0.1:{port}"])
    after = listening([f"127.0.0.1:{port}", f"unix:{tmp_path / 's'}"], beside=True)
    for one in before:
        one.close()
    for one in after:
        with socket.socket(one.family) as client:
            client.connect(one.getsockname())
        one.close()
