"""The shapes of model APIs: what a request asks for, and how crossfade answers in that shape."""

from proxy.dialects.call import Call, Operation

__all__ = ["Call", "Operation"]
