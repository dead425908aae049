"""The tests; tests/proxy and tests/control mirror the source."""
