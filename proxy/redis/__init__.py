"""How both planes speak to a Redis: its address, the words of its keys, questions, and hints."""
