"""Tests of the data plane, one file a source file."""
