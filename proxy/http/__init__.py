"""Messages as bytes: the gate that heads must pass, and where bodies end."""
