"""Whole processes: `crossfade serve` between the official SDKs and scripted model APIs."""
