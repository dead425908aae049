"""HAProxy: two weighted servers, one thread, kept and reused connections."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mocks.plain import Upstreams
from benchmarks.process import Core, Process, free_port


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one process with one thread, in the foreground."""
    port = free_port()
    tls = ""
    if upstreams.ca_file:
        tls = f"ssl verify required ca-file {upstreams.ca_file} {_NAMED}"
    config = folder / "haproxy.cfg"
    config.write_text(_CONFIG.format(port=port, old=upstreams.old, new=upstreams.new, tls=tls))
    command = ["haproxy", "-db", "-f", str(config)]
    process = Process("haproxy", command, core=Core.proxy, folder=folder)
    return process.wait_for(port), port


_NAMED = "verifyhost localhost sni str(localhost)"
_CONFIG = """
global
  nbthread 1
  maxconn 9950
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 300s
  option http-keep-alive
  option http-no-delay
  http-reuse always
frontend applications
  bind 127.0.0.1:{port} backlog 4096
  default_backend models
backend models
  balance roundrobin
  server old 127.0.0.1:{old} weight 90 pool-max-conn 200 {tls}
  server new 127.0.0.1:{new} weight 10 pool-max-conn 200 {tls}
"""
