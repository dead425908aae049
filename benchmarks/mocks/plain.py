"""A model API at nginx's speed: one fixed 0.9 KB answer on two ports, plain or TLS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.payload import answer_body
from benchmarks.process import Core, Process, free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstreams:
    """Where the two model APIs listen, and whom to trust about it."""

    old: int
    new: int
    ca_file: Path | None = None  # with it they speak TLS

    @property
    def scheme(self) -> str:
        return "https" if self.ca_file else "http"


def start(folder: Path, ca_folder: Path | None = None) -> tuple[Process, Upstreams]:
    """Start the mock; with `ca_folder` (benchmarks.certificates) it speaks TLS."""
    old, new = free_port(), free_port()
    servers = "".join(_server(port, name, ca_folder) for port, name in ((old, "old"), (new, "new")))
    config = folder / "mock.conf"
    config.write_text(_CONFIG.format(folder=folder, servers=servers))
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(config)]
    process = Process("mock", command, core=Core.load, folder=folder).wait_for(old)
    authority = ca_folder / "ca.pem" if ca_folder else None
    return process, Upstreams(old=old, new=new, ca_file=authority)


def _server(port: int, name: str, ca_folder: Path | None) -> str:
    tls = ""
    if ca_folder:
        tls = f"ssl_certificate {ca_folder}/server.pem; ssl_certificate_key {ca_folder}/server.key;"
    return _SERVER.format(
        port=f"{port} ssl" if ca_folder else port,
        tls=tls,
        name=name,
        answer=answer_body(name).decode().replace("'", ""),
    )


_CONFIG = """
daemon off; worker_processes 1; pid {folder}/mock.pid; error_log stderr error;
worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path {folder}/mock-body; proxy_temp_path {folder}/mock-proxy;
  fastcgi_temp_path {folder}/mock-f; uwsgi_temp_path {folder}/mock-u;
  scgi_temp_path {folder}/mock-s;
  client_max_body_size 0;
{servers}}}
"""
_SERVER = """  server {{
    listen 127.0.0.1:{port} backlog=4096; {tls}
    location / {{
      default_type application/json;
      add_header x-served-by {name};
      return 200 '{answer}';
    }}
  }}
"""
