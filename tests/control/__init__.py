"""Tests of the control plane, a file for each of its files."""
