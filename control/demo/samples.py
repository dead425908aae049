"""Reads single figures out of a Prometheus text. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What /metrics says of one arm of one migration at one moment."""

    requests: float
    tokens_in: float
    tokens_out: float
    cost_usd: float
    first_tokens: float
    first_token_s: float


def sight(text: str, *, migration: str, arm: str) -> Sight:
    """The arm's sums over everything else."""
    of = {"migration": migration, "arm": arm}
    first = "crossfade_time_to_first_token_seconds"
    return Sight(
        requests=total(text, "crossfade_requests_total", **of),
        tokens_in=total(text, "crossfade_tokens_total", kind="input", **of),
        tokens_out=total(text, "crossfade_tokens_total", kind="output", **of),
        cost_usd=total(text, "crossfade_cost_usd_total", **of),
        first_tokens=total(text, f"{first}_count", **of),
        first_token_s=total(text, f"{first}_sum", **of),
    )


def total(text: str, name: str, **labels: str) -> float:
    """The sum of a metric's samples that carry these labels; 0 where there is none."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
