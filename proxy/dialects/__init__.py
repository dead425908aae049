"""The shapes of model APIs: what a request asks for, and how crossfade answers in that shape."""

from proxy.dialects.answer import AnswerShape, reader
from proxy.dialects.call import Call, Operation
from proxy.dialects.failures import error_body, error_event
from proxy.dialects.paths import classify, hinted

__all__ = [
    "AnswerShape",
    "Call",
    "Operation",
    "classify",
    "error_body",
    "error_event",
    "hinted",
    "reader",
]
