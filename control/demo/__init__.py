"""`crossfade demo`: one migration from registration to rollback, on this machine, for real.

Two model APIs (`model_api`, which says what `answers` makes), `crossfade serve` in front of them
(`stage`, on the files of `files`), and callers with the official SDKs (`callers`) play the story
(`story`), told by the `narrator`. Only loopback is used, and nothing stays behind.
"""
