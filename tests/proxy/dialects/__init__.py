"""Tests of proxy/dialects, one file a source file."""
