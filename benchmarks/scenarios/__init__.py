"""The measurements, one a file."""
