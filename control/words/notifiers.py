"""The words of a notifier: where messages about migrations go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from proxy.policy import Secret


class Kind(StrEnum):
    """What a notifier's other end understands."""

    SLACK = "slack"  # {"text": ...}, which Mattermost, Rocket.Chat and others take as well
    WEBHOOK = "webhook"  # the whole message as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """One destination. Its URL is a secret, since whoever knows it can post there.

    `secret` signs what is sent; None sends it unsigned.
    """

    name: str
    kind: Kind
    url: Secret
    secret: Secret | None = None
