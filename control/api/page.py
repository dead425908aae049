"""`GET /`: where each migration stands, as a page that refreshes itself and runs no script."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from aiohttp.web import StreamResponse

from control.api import answers
from control.api.calls import Call
from control.view import Summary

STYLE = (
    "body{font:16px system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.4rem 1rem;"
    "border-bottom:1px solid #ccc}td.number{text-align:right}td.time{white-space:nowrap}"
    ".Degraded{color:#a00000}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
COLUMNS = ("Migration", "Phase", "Candidate", "Since", "By", "Reason", "Version")


async def page(call: Call) -> StreamResponse:
    """The page, of now."""
    html = drawn(await call.desk.list(), call.facts.environment)
    return answers.body(
        html.encode(), "text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY}
    )


def drawn(summaries: tuple[Summary, ...], environment: str) -> str:
    """The page's HTML; every text in it is escaped."""
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    rows = "".join(map(_row, summaries))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="refresh" content="5">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>crossfade: {escape(environment)}</title><style>{STYLE}</style></head>"
        f"<body><h1>crossfade: {escape(environment)}</h1>"
        f"{table if summaries else '<p>No migration is registered.</p>'}</body></html>"
    )


def _row(one: Summary) -> str:
    return (
        f'<tr><th scope="row">{escape(one.name)}</th>'
        f'<td class="{one.phase}">{one.phase}</td>'
        f'<td class="number">{one.weights.candidate:g} %</td>'
        f'<td class="time">{escape(one.since)}</td>'
        f"<td>{escape(one.actor)}</td>"
        f'<td>{escape(one.reason)}</td><td class="number">{one.version}</td></tr>'
    )
