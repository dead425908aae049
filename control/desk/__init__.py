"""What an operator can do and see: verbs, questions, and the records they are answered with."""
