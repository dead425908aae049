"""Tests of the tests: their laws by hand and by properties, their promises by simulation."""
