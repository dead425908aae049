"""Tests of the sources: contract.py holds what every source must do."""
