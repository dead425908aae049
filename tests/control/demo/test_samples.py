"""Single figures out of a Prometheus text."""

from __future__ import annotations

from control.demo.samples import sight, total

TEXT = """\
# TYPE crossfade_requests_total counter
crossfade_requests_total{arm="candidate",migration="m",outcome="ok"} 3.0
crossfade_requests_total{arm="candidate",migration="m",outcome="client_error"} 2.0
crossfade_requests_total{arm="baseline",migration="m",outcome="ok"} 40.0
# TYPE crossfade_tokens_total counter
crossfade_tokens_total{arm="candidate",kind="input",migration="m"} 70.0
crossfade_tokens_total{arm="candidate",kind="output",migration="m"} 7.0
# TYPE crossfade_cost_usd_total counter
crossfade_cost_usd_total{arm="candidate",migration="m"} 0.25
# TYPE crossfade_time_to_first_token_seconds histogram
crossfade_time_to_first_token_seconds_bucket{arm="candidate",migration="m",le="+Inf"} 2.0
crossfade_time_to_first_token_seconds_count{arm="candidate",migration="m"} 2.0
crossfade_time_to_first_token_seconds_sum{arm="candidate",migration="m"} 0.5
"""


def test_a_sight_adds_up_one_arm() -> None:
    seen = sight(TEXT, migration="m", arm="candidate")
    assert (seen.requests, seen.tokens_in, seen.tokens_out) == (5, 70, 7)
    assert (seen.cost_usd, seen.first_tokens, seen.first_token_s) == (0.25, 2, 0.5)


def test_what_is_not_there_is_nothing() -> None:
    assert total(TEXT, "crossfade_requests_total", migration="other") == 0
    assert total(TEXT, "crossfade_unknown_total") == 0
