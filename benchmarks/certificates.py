"""A throw-away authority and a server certificate for the TLS runs."""

from __future__ import annotations

from pathlib import Path

import trustme


def issue(folder: Path) -> Path:
    """Write ca.pem, server.pem and server.key, valid for localhost and 127.0.0.1."""
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    server.private_key_pem.write_to_path(folder / "server.key")
    (folder / "server.pem").write_bytes(b"".join(p.bytes() for p in server.cert_chain_pems))
    return folder
