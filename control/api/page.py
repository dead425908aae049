"""`GET /`: where each migration stands, as a page that refreshes itself and runs no script."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from aiohttp.web import StreamResponse

from control.api import answers, card
from control.api.calls import Call
from control.desk.view import Summary

STYLE = (
    "body{font:16px system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.3rem .7rem;"
    "border-bottom:1px solid #ccc}td.reason{max-width:14rem;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap}td.number{text-align:right}td.time{white-space:nowrap}"
    "h2{margin:2rem 0 .5rem}h2 span{font-weight:normal;font-size:1rem;border:1px solid;"
    "border-radius:1rem;padding:.1rem .7rem;vertical-align:middle}"
    ".Degraded,.RollingBack,.fail{color:#a00000}.Paused{color:#8a5a00}"
    ".Progressing,.Soaking,.Healthy{color:#00662a}"
    "ol{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;list-style:none}"
    "ol li{border:1px solid #ccc;border-radius:.4rem;padding:.4rem .8rem}"
    "ol li small{display:block;color:#555}ol li.here{border:2px solid #00662a;font-weight:bold}"
    "dl{display:grid;grid-template-columns:max-content auto;gap:.2rem 1rem}dd{margin:0}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MOST = 20  # migrations that are shown in full; all are in the table
COLUMNS = ("Migration", "Phase", "Candidate", "Since", "By", "Reason", "Version")


async def page(call: Call) -> StreamResponse:
    """The page, of now."""
    summaries = await call.desk.list()
    views = [await call.desk.get(one.name) for one in summaries[:MOST]]
    html = drawn(summaries, call.facts.environment, "".join(map(card.drawn, views)))
    return answers.body(
        html.encode(), "text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY}
    )


def drawn(summaries: tuple[Summary, ...], environment: str, cards: str = "") -> str:
    """The page's HTML; every text in it is escaped. `cards` is HTML already."""
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    rows = "".join(map(_row, summaries))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="refresh" content="5">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>crossfade: {escape(environment)}</title><style>{STYLE}</style></head>"
        f"<body><h1>crossfade: {escape(environment)}</h1>"
        f"{table if summaries else '<p>No migration is registered.</p>'}{cards}</body></html>"
    )


def _row(one: Summary) -> str:
    return (
        f'<tr><th scope="row">{escape(one.name)}</th>'
        f'<td class="{one.phase}">{one.phase}</td>'
        f'<td class="number">{one.weights.candidate:g} %</td>'
        f'<td class="time">{escape(one.since)}</td>'
        f"<td>{escape(one.actor)}</td>"
        f'<td class="reason">{escape(one.reason)}</td><td class="number">{one.version}</td></tr>'
    )
