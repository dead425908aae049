"""Numbers that add up: histograms, samples of keys, prices, and an arm's figures."""
