"""The mock model APIs: a plain answer at nginx speed, and server-sent events."""
