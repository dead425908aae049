"""Answers of operations that cost no tokens, and of paths that crossfade does not know."""

from __future__ import annotations

from proxy.dialects import openai
from proxy.dialects.sight import AnswerShape, Seen, Sight


def _event(payload: bytes) -> Seen:
    """Every event of an unknown stream counts as content; usage is taken where it looks like it."""
    seen = openai.event(payload)
    if isinstance(seen, int) or seen.text or seen.ended:
        return seen
    return Sight(1, seen.tokens, seen.model, seen.ended, seen.failed, seen.length_stop)


def _nothing(_: bytes) -> Sight:
    return Sight()


# Images, speech, reranking and whatever else copies OpenAI's usage object.
UNKNOWN = AnswerShape(event=_event, body=openai.body, known=False)

# Counting tokens, listing models, stored objects: their figures are not what anybody pays for.
FREE = AnswerShape(event=_nothing, body=_nothing, bills=False, known=False)
