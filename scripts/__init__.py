"""Checks of the house that no linter knows: each prints what is wrong and exits 1."""
