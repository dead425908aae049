"""control.notify.message: the words of a message."""

from __future__ import annotations

from control.notify.message import Topic
from control.words.steps import Occasion


def test_every_occasion_of_a_migration_file_is_a_topic() -> None:
    assert {occasion.value for occasion in Occasion} < {topic.value for topic in Topic}
