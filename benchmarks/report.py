"""The results as a table, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.result import REFERENCE, Result


def write(folder: Path, name: str, facts: dict[str, str], results: Sequence[Result]) -> None:
    """Write NAME.json and NAME.md."""
    folder.mkdir(exist_ok=True)
    data = {"facts": facts, "results": [_json(result) for result in results]}
    (folder / f"{name}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    (folder / f"{name}.md").write_text(_markdown(name, facts, results))


def table(result: Result) -> list[list[str]]:
    """Rows of text: a head, then one for each peer."""
    figures = result.figures
    rows = [["", *figures, f"x {REFERENCE}"]]
    for peer in result.peers:
        cells = [_number(result.median(peer, figure)) for figure in figures]
        rows.append([peer, *cells, _ratio(result, peer)])
    return rows


def text(result: Result) -> str:
    """The table for a terminal."""
    rows = table(result)
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    absent = [f"{peer} did not run: {why}" for peer, why in result.absent.items()]
    return "\n".join([result.title, result.note, *lines, *absent, ""])


def _markdown(name: str, facts: dict[str, str], results: Sequence[Result]) -> str:
    lines = ["# Benchmark", ""]
    lines += [f"- {what}: {value}" for what, value in facts.items()]
    lines += ["", "Medians over the rounds. x is the median (least to greatest) of each round's"]
    lines += [f"ratio to {REFERENCE} in the first column.", "", f"![ratios]({name}.png)", ""]
    for result in results:
        lines += [f"## {result.title}", "", result.note, ""]
        head, *rows = table(result)
        lines += [_row(head), _row(["---", *["---:"] * (len(head) - 1)]), *map(_row, rows), ""]
        lines += [f"{peer} did not run: {why}\n" for peer, why in result.absent.items()]
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _ratio(result: Result, peer: str) -> str:
    found = result.ratio(peer)
    return "-" if found is None else "{:.2f} ({:.2f}-{:.2f})".format(*found)


def _json(result: Result) -> dict[str, object]:
    ratios = {peer: result.ratio(peer) for peer in result.peers}
    return {**asdict(result), f"ratio_to_{REFERENCE}": ratios}
