"""The words of a ramp: limits, steps, evidence, verdicts."""
