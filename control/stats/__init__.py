"""Tests that stay valid however often one looks; pure arithmetic over counts and sums."""
