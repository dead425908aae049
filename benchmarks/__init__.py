"""crossfade beside its peers: the same work, one core each, ratios from one run."""
