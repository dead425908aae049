"""Addresses: where to listen, and what an upstream's URL means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from control.files.problems import Wrong

LISTEN_HINT = "write HOST:PORT, [IPV6]:PORT or unix:/ABSOLUTE/PATH"
URL_HINT = "write http://HOST:PORT/PREFIX, https://HOST/PREFIX or unix:/ABSOLUTE/PATH"
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 104 to 108

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOSTNAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an upstream is; `path` has no trailing slash, `socket` is a unix socket's path."""

    host: str
    port: int
    tls: bool = False
    path: str = ""
    socket: str | None = None


def listener(address: str) -> str:
    """The address to listen on, checked; port 0 asks the system for a free one."""
    if address.startswith("unix:"):
        _socket(address, LISTEN_HINT)
        return address
    host, port = _split(address)
    if not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise Wrong("is not an address to listen on", LISTEN_HINT)
    return f"{_bracketed(hostname(host, LISTEN_HINT))}:{int(port)}"


def is_loopback(address: str) -> bool:
    """Whether only this host can reach an address that `listener` gave."""
    return address.startswith("unix:") or is_local(_split(address)[0])


def is_local(host: str) -> bool:
    """Whether a host's name or address is this host's loopback."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def place(url: str, host: str | None) -> Place:
    """What an upstream's URL means.

    Refuses credentials, queries, fragments, dots that climb, and hosts that are not in their usual
    form: 127.1 and 2130706433 are addresses too, and read differently by different parsers.
    """
    if url.startswith("unix:"):
        return Place(host=host or "localhost", port=80, socket=_socket(url, URL_HINT))
    if not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise Wrong("is not a URL", URL_HINT)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Wrong("is not a URL", URL_HINT) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Wrong("is not a URL that crossfade can call", URL_HINT)
    if "@" in parts.netloc:
        raise Wrong("holds credentials", "write the key's variable in key_env")
    if "?" in url or "#" in url:
        raise Wrong("has a query or a fragment", URL_HINT)
    if port == 0:
        raise Wrong("has port 0", URL_HINT)
    tls = parts.scheme == "https"
    return Place(
        host=hostname(parts.hostname, URL_HINT),
        port=port or (443 if tls else 80),
        tls=tls,
        path=_prefix(parts.path),
    )


def is_web(url: str) -> bool:
    """Whether something can be posted there: http or https, and a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def hostname(host: str, hint: str = "write a host's name or address") -> str:
    """A host's name or address in its usual form; refuses every other."""
    lower = host.lower()
    try:
        return str(ip_address(lower.replace("%", "/")))  # no zones: they mean something here only
    except ValueError:
        last = lower.rstrip(".").rpartition(".")[2]
        if len(lower) > 253 or not _HOSTNAME.fullmatch(lower) or _NUMBER.fullmatch(last):
            raise Wrong("has a host that is no name and no plain address", hint) from None
        return lower


def _prefix(path: str) -> str:
    segments = path.lower().replace("%2e", ".").split("/")
    if "." in segments or ".." in segments or "%" in path or "//" in path:
        raise Wrong("has a path with '//', '.', '..' or '%'", URL_HINT)
    return path.rstrip("/")


def _split(address: str) -> tuple[str, str]:
    host, _, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]") and ":" in host:
        return host[1:-1], port
    if ":" in host:
        raise Wrong("is not an address to listen on", LISTEN_HINT)
    return host, port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _socket(address: str, hint: str) -> str:
    path = address.removeprefix("unix:")
    if not path.startswith("/") or len(path.encode()) > LONGEST_SOCKET:
        raise Wrong(f"is not an absolute path of at most {LONGEST_SOCKET} bytes", hint)
    return path
