"""What happened, added up: tallies, histograms, prices, /metrics, and flushes to the store."""
