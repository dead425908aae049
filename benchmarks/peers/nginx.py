"""nginx: proxy_pass to two weighted servers, HTTP/1.1 with kept connections."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mocks.plain import Upstreams
from benchmarks.process import Core, Process, free_port


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one master and one worker."""
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            port=port,
            old=upstreams.old,
            new=upstreams.new,
            scheme=upstreams.scheme,
            tls=_TLS.format(ca=upstreams.ca_file) if upstreams.ca_file else "",
        )
    )
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(config)]
    process = Process("nginx", command, core=Core.proxy, folder=folder)
    return process.wait_for(port), port


_TLS = """proxy_ssl_verify on; proxy_ssl_trusted_certificate {ca}; proxy_ssl_name localhost;
      proxy_ssl_server_name on; proxy_ssl_protocols TLSv1.2 TLSv1.3;"""
_CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
worker_rlimit_nofile 20000;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream models {{
    server 127.0.0.1:{old} weight=9 max_fails=0; server 127.0.0.1:{new} weight=1 max_fails=0;
    keepalive 128; keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    client_max_body_size 0; client_body_buffer_size 16m;
    location / {{
      proxy_pass {scheme}://models; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_read_timeout 600s;
      {tls}
    }}
  }}
}}
"""
