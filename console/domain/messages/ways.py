"""By which way a message goes to a client: what they prefer and agreed to, and what there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from console.domain.clients.rules import Agreed, Channel, Preference, Purpose
from console.domain.messages.rules import WRITTEN, MessageKind, Reason

PURPOSES: Mapping[MessageKind, Purpose] = {
    MessageKind.BOOKING_REMINDER: Purpose.REMINDERS,
    MessageKind.TIER_RAISED: Purpose.OFFERS,
    MessageKind.TIER_WARNING: Purpose.OFFERS,
    MessageKind.TIER_DROPPED: Purpose.OFFERS,
    MessageKind.FREE_VISIT_ISSUED: Purpose.OFFERS,
    MessageKind.FREE_VISIT_ENDING: Purpose.OFFERS,
    MessageKind.VISIT_THANKS: Purpose.FEEDBACK,
    MessageKind.TICKET_SATISFACTION: Purpose.FEEDBACK,
}
"""What a client must have agreed to; what is not here answers what they asked for."""
ORDER = (Channel.EMAIL, Channel.SMS)
"""Where a client prefers nothing, or what they prefer is not open."""
BY_HAND = (Channel.EMAIL,)
"""By which what one of us wrote goes, as whoever wrote it expects."""

To = Callable[[Mapping[str, Any], str | None], Awaitable[str | None]]
"""The address that what one of us wrote is to, by what its message tells and the first one of its client; None: none.
"""

WRITTEN_TO: dict[MessageKind, To] = {}
"""What is asked for it by kind; the concepts that have it say so here."""


@dataclass(frozen=True)
class Reach:
    """How a client can be reached: what they said that they prefer, where, and what they agreed to."""

    by: Preference | None
    addresses: Mapping[Channel, str]
    agreed: Agreed


@dataclass(frozen=True)
class Way:
    """A channel, and the address at which it finds the client."""

    channel: Channel
    address: str


def way(
    kind: MessageKind,
    reach: Reach,
    set_up: Collection[Channel],
    refused: Collection[Channel] = (),
    bound: Channel | None = None,
) -> Way | Reason:
    """The way that a message of a kind goes, or why there is none.

    `refused`: what does not take it for good. `bound`: the one that it may have gone by, and goes by no other.
    """
    written = kind in WRITTEN
    if reach.by is Preference.NONE and not written:
        return Reason.WANTS_NONE
    usual = BY_HAND if written else sorted(ORDER, key=lambda one: one.value != reach.by)
    order = [bound] if bound else usual
    reached = [one for one in order if one in reach.addresses]
    agreed = [one for one in reached if _agreed(kind, one, reach.agreed)]
    there = [one for one in agreed if one in set_up]
    for one in there:
        if one not in refused:
            return Way(one, reach.addresses[one])
    wanting = zip((reached, agreed, there), (Reason.NO_ADDRESS, Reason.NO_CONSENT, Reason.NO_CHANNEL), strict=True)
    return next((reason for found, reason in wanting if not found), Reason.TROUBLE)


def _agreed(kind: MessageKind, channel: Channel, agreed: Agreed) -> bool:
    """What answers them goes where nothing was said; who took their consent back wants nothing there at all."""
    if kind in WRITTEN:
        return True
    if purpose := PURPOSES.get(kind):
        return agreed.get((channel, purpose), False)
    return agreed.get((channel, Purpose.REMINDERS), True)
