"""Messages about migrations, from what happened to what each notifier is sent.

`crier` finds out what there is to tell, `words` and `updates` put it into a `message`; `herald` has
an `outbox` for each notifier of crossfade.yaml, which keeps order and bounds. `post` sends once: in
the form that `bodies` gives, signed (`signature`), and again as `retry` says where that fails.
"""
