"""Where the buckets of Prometheus histograms end, in microseconds."""

_MS, _S = 1_000, 1_000_000

# From a small local model's cached answer to a long reasoning call; closest where limits lie.
LATENCY_US = (
    *(1 * _MS, 2_500, 5 * _MS, 10 * _MS, 25 * _MS, 50 * _MS, 100 * _MS, 250 * _MS, 500 * _MS),
    *(750 * _MS, 1 * _S, 1_500 * _MS, 2 * _S, 3 * _S, 5 * _S, 7_500 * _MS, 10 * _S, 15 * _S),
    *(20 * _S, 30 * _S, 60 * _S, 120 * _S, 300 * _S, 600 * _S),
)
# Events come in bursts within one read, or at the pace of a model; longer ones are stalls.
GAP_US = (
    *(100, 250, 500, 1 * _MS, 2_500, 5 * _MS, 10 * _MS, 25 * _MS, 50 * _MS, 100 * _MS),
    *(250 * _MS, 500 * _MS, 1 * _S, 2_500 * _MS, 5 * _S, 10 * _S, 30 * _S, 60 * _S),
)
OVERHEAD_US = (
    *(10, 25, 50, 100, 250, 500, 1 * _MS, 2_500, 5 * _MS, 10 * _MS, 25 * _MS, 50 * _MS),
    *(100 * _MS, 250 * _MS, 1 * _S),
)
