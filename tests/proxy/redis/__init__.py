"""Tests of how both planes speak to a Redis."""
