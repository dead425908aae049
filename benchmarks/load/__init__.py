"""The load: each generator is its own process on the load core."""
