"""Tests of the stores: contract.py holds what every store must do."""
