"""Messages about migrations: what is said (`words`), in which form (`bodies`), signed
(`signature`), sent once (`post`) and again where that fails (`retry`), in order and bounded
(`outbox`), to each notifier of crossfade.yaml (`herald`).
"""
