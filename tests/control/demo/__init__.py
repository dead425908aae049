"""Tests of the demo: its own model APIs are processes, and so is the crossfade in front of them."""
