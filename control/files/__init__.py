"""The two YAML files: read, checked with line numbers, and what they come to."""
