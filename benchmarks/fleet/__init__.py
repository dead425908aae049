"""A fleet for the control plane's benchmarks: a Redis, and light workers that follow it."""
