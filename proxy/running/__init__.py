"""A process that runs a data plane: its settings, its life, its tie to a parent."""
