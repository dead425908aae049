"""Tests of the checks of the house: what each of them finds in texts and paths."""
