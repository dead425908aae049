"""An answer read beside its way to the client: tokens, first token, gaps, how it ended."""
