"""Connections on both sides, and one exchange from the first to the last byte."""
