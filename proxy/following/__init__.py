"""From a store to the snapshot that serves: watch, last good on disk, local latch."""
