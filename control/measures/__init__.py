"""What workers measured, folded into evidence; and the scores that applications post."""
