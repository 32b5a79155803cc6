"""What clients are told of, and what a message may hold: numbers, dates and codes, nothing of who somebody is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from console.domain.ids import ClientId, MessageId

CODE = re.compile(r"[a-z0-9_.:-]{1,64}")
"""What a text in a message looks like: a code; a date too."""


class MessageKind(StrEnum):
    """What a message tells."""

    TIER_RAISED = "tier.raised"
    TIER_WARNING = "tier.warning"
    TIER_DROPPED = "tier.dropped"
    FREE_VISIT_ISSUED = "free_visit.issued"
    FREE_VISIT_ENDING = "free_visit.ending"
    BOOKING_CONFIRMATION = "booking.confirmation"
    BOOKING_REMINDER = "booking.reminder"
    BOOKING_MOVED = "booking.moved"
    BOOKING_CANCELLED = "booking.cancelled"
    VISIT_THANKS = "visit.thanks"


class MessageStatus(StrEnum):
    """What became of a message."""

    DUE = "due"
    CLAIMED = "claimed"
    SENT = "sent"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a message was skipped, is held up, or has failed."""

    BEFORE_DELIVERY = "before_delivery"
    """It was due before this console delivered messages."""
    TOO_LATE = "too_late"
    """What it tells of has begun."""
    ERASED = "erased"
    WANTS_NONE = "wants_none"
    """The client wants no messages."""
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    NO_CHANNEL = "no_channel"
    """No way to them is set up here."""
    QUIET = "quiet"
    """It is night where the client is."""
    CLIENT_CAP = "client_cap"
    DAY_CAP = "day_cap"
    TROUBLE = "trouble"
    """It did not leave; `error` says why."""
    STAFF = "staff"
    """Staff took it out."""


Variables = Mapping[str, int | date | str | None]


@dataclass(frozen=True)
class Outgoing:
    """A message that is to go out, in a language; `variables` are plain ones, as they are kept."""

    id: MessageId
    kind: MessageKind
    client: ClientId
    language: str
    variables: Mapping[str, int | str | None]


def plain(told: Variables) -> dict[str, int | str | None]:
    """What a message tells as it is kept. Raises `TypeError` for a text that is no code: a name has no place in it."""
    kept = {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
    for name, value in kept.items():
        if isinstance(value, str) and not CODE.fullmatch(value):
            raise TypeError(f"{name} of a message is a text, where a number, a date or a code belongs")
    return kept
