"""What clients are told of, and what a message may hold: numbers, dates and codes, nothing of who somebody is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from console.domain import clock
from console.domain.ids import ClientId, MessageId

CODE = re.compile(
    r"[a-z0-9_.:-]{1,64}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z",
)
"""What a text in a message looks like: a code; a date too, and an instant in UTC."""


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
    TICKET_REPLY = "ticket.reply"
    TICKET_SATISFACTION = "ticket.satisfaction"


WRITTEN = (MessageKind.TICKET_REPLY,)
"""What one of us wrote to a client by hand: it answers them, so it waits for no consent, no morning and no next day."""
AUTOMATIC = tuple(kind for kind in MessageKind if kind not in WRITTEN)
"""What goes by itself, in texts of the business, where it wants that."""
GRACE = timedelta(minutes=1)
"""How long what is told at once waits for an undo, which then takes back what nobody has read."""


class MessageStatus(StrEnum):
    """What became of a message."""

    DUE = "due"
    CLAIMED = "claimed"
    SENT = "sent"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    FAILED = "failed"


OUT = (MessageStatus.CLAIMED, MessageStatus.SENT, MessageStatus.UNKNOWN)
"""Of a message that the client may have read."""


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
    NO_EMAIL = "no_email"
    """It goes by mail alone, and there is no address."""
    NO_PHONE = "no_phone"
    NO_MAIL_SERVER = "no_mail_server"
    """It goes by mail alone, and no mail server is set up here."""
    NO_GATEWAY = "no_gateway"
    SMS_UNAGREED = "sms_unagreed"
    """They have only a phone, and have not agreed to SMS."""
    SMS_UNREADY = "sms_unready"
    """They have only a phone, and SMS is not set up here."""
    SMS_ALONE = "sms_alone"
    """They have not agreed to mail, and SMS is not set up here."""
    EMAIL_UNAGREED = "email_unagreed"
    EMAIL_UNREADY = "email_unready"
    EMAIL_ALONE = "email_alone"
    QUIET = "quiet"
    """It is night where the client is."""
    CLIENT_CAP = "client_cap"
    DAY_CAP = "day_cap"
    TROUBLE = "trouble"
    """It did not leave; `error` says why."""
    BOUNCED = "bounced"
    """It left, and was not delivered; `error` says why."""
    STAFF = "staff"
    """Staff took it out."""
    DISMISSED = "dismissed"
    """It did not get through, and staff leave it at that."""
    NOT_TOLD = "not_told"
    """The business does not want its clients told of it."""


HOLDING = (Reason.QUIET, Reason.CLIENT_CAP, Reason.DAY_CAP)
"""Why a message waits as the business chose that it shall."""
NO_WAY = (Reason.NO_ADDRESS, Reason.NO_CHANNEL, Reason.NO_EMAIL, Reason.NO_MAIL_SERVER)
"""Why what one of us wrote was skipped, and may go once there is a way."""


def may_go_again(kind: MessageKind, status: MessageStatus, reason: str | None) -> bool:
    """Whether staff may send a message again: it failed, may not have arrived, or they stopped it themselves.

    What one of them wrote is wanted as well once there is a way.
    """
    no_way = kind in WRITTEN and reason in NO_WAY
    stopped = status is MessageStatus.SKIPPED and (no_way or reason == Reason.STAFF)
    return stopped or is_open(status, reason)


def is_open(status: MessageStatus, reason: str | None) -> bool:
    """Whether a message did not get through, or may not have, and nobody has left it at that."""
    return status in (MessageStatus.UNKNOWN, MessageStatus.FAILED) and reason != Reason.DISMISSED


Variables = Mapping[str, int | date | str | None]


@dataclass(frozen=True)
class Outgoing:
    """A message that is to go out, in a language; `variables` are plain ones, as they are kept.

    `client`: None of a reply to somebody who is none.
    """

    id: MessageId
    kind: MessageKind
    client: ClientId | None
    language: str
    variables: Mapping[str, int | str | None]

    @property
    def is_trial(self) -> bool:
        """Whether it is no message to a client, and only shows how one would read."""
        return not self.id


def plain(told: Variables) -> dict[str, int | str | None]:
    """What a message tells as it is kept. Raises `TypeError` for a text that is no code: a name has no place in it."""
    kept = {name: _written(value) for name, value in told.items()}
    for name, value in kept.items():
        if isinstance(value, str) and not CODE.fullmatch(value):
            raise TypeError(f"{name} of a message is a text, where a number, a date or a code belongs")
    return kept


def _written(value: int | date | str | None) -> int | str | None:
    if isinstance(value, datetime):
        return clock.instant(value).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
