"""CPU per request at full load over 32 connections, plain and with TLS to the upstream."""

from __future__ import annotations

import http.client

from benchmarks.load import wrk
from benchmarks.payload import PATH, request_body
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage

_PROBES = 400


def measure(bench: Bench, *, tls: bool = False) -> Result:
    """Rounds, interleaved peer by peer."""
    name = "requests-tls" if tls else "requests"
    result = Result(
        name=name,
        title="CPU per request" + (", TLS to the upstream" if tls else ""),
        note="0.9 KB chat request, 0.9 KB answer, 90/10 split, 32 connections, one core.",
        primary="CPU µs/request",
    )
    with stage(Mock.PLAIN_TLS if tls else Mock.PLAIN, bench.peers, result) as ready:
        shares = {peer: _candidate_percent(ready, peer) for peer in ready.running}
        for _ in range(bench.size.rounds):
            figures = {peer: _carry(bench, ready, peer) for peer in ready.running}
            for peer, row in figures.items():
                row["candidate %"] = shares[peer]
            result.rounds.append(figures)
    return result


def _carry(bench: Bench, ready: Stage, peer: str) -> Figures:
    process, port = ready.running[peer]
    wrk.load(ready.folder, port, request_body(), 1)
    before = process.cpu_s()
    carried = wrk.load(ready.folder, port, request_body(), bench.size.requests_s)
    used = process.cpu_s() - before
    return {
        "CPU µs/request": used * 1e6 / max(1, carried.requests),
        "requests/s": carried.per_second,
        "failures": carried.failures,
    }


def _candidate_percent(ready: Stage, peer: str) -> float:
    """The share of requests that reached the candidate's server, as a check of the split."""
    connection = http.client.HTTPConnection("127.0.0.1", ready.running[peer].port)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-benchmark"}
    served = []
    for _ in range(_PROBES):
        connection.request("POST", PATH, request_body(), headers)
        answer = connection.getresponse()
        answer.read()
        served.append(answer.headers.get("x-served-by"))
    connection.close()
    return 100 * served.count("new") / _PROBES
