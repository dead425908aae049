"""A migration as an object: its ledger, its phases, its ramp; plain functions of values."""
