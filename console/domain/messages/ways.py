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
_BARRED: Mapping[tuple[Reason, Reason], Reason] = {
    (Reason.NO_ADDRESS, Reason.NO_ADDRESS): Reason.NO_ADDRESS,
    (Reason.NO_ADDRESS, Reason.NO_CONSENT): Reason.SMS_UNAGREED,
    (Reason.NO_ADDRESS, Reason.NO_CHANNEL): Reason.SMS_UNREADY,
    (Reason.NO_CONSENT, Reason.NO_ADDRESS): Reason.EMAIL_UNAGREED,
    (Reason.NO_CONSENT, Reason.NO_CONSENT): Reason.NO_CONSENT,
    (Reason.NO_CONSENT, Reason.NO_CHANNEL): Reason.SMS_ALONE,
    (Reason.NO_CHANNEL, Reason.NO_ADDRESS): Reason.EMAIL_UNREADY,
    (Reason.NO_CHANNEL, Reason.NO_CONSENT): Reason.EMAIL_ALONE,
    (Reason.NO_CHANNEL, Reason.NO_CHANNEL): Reason.NO_CHANNEL,
}
"""By what bars mail and what bars SMS, where one of them is set up."""
BARRED_ALONE: Mapping[tuple[Channel, Reason], Reason] = {
    (Channel.EMAIL, Reason.NO_ADDRESS): Reason.NO_EMAIL,
    (Channel.EMAIL, Reason.NO_CHANNEL): Reason.NO_MAIL_SERVER,
    (Channel.SMS, Reason.NO_ADDRESS): Reason.NO_PHONE,
    (Channel.SMS, Reason.NO_CHANNEL): Reason.NO_GATEWAY,
}
"""Why there is no way of what goes by one channel and by no other."""
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
    bars = {one: _barred(kind, one, reach, set_up) for one in order}
    open_ = [one for one in order if bars[one] is None]
    for one in open_:
        if one not in refused:
            return Way(one, reach.addresses[one])
    return Reason.TROUBLE if open_ else _none_at_all(bars, set_up)


def _barred(kind: MessageKind, channel: Channel, reach: Reach, set_up: Collection[Channel]) -> Reason | None:
    """What bars a channel; None where it is open."""
    if channel not in reach.addresses:
        return Reason.NO_ADDRESS
    if not _agreed(kind, channel, reach.agreed):
        return Reason.NO_CONSENT
    return None if channel in set_up else Reason.NO_CHANNEL


def _none_at_all(bars: Mapping[Channel, Reason | None], set_up: Collection[Channel]) -> Reason:
    """Why none is open of the channels that there are, each of which is barred."""
    why = {channel: bar or Reason.TROUBLE for channel, bar in bars.items()}
    if len(why) > 1:
        return barred(set_up)[why[Channel.EMAIL], why[Channel.SMS]]
    [alone] = why.items()
    return BARRED_ALONE.get(alone, alone[1])


def barred(set_up: Collection[Channel]) -> Mapping[tuple[Reason, Reason], Reason]:
    """Why there is no way at all, by what bars mail and what bars SMS; where nothing is set up that says it all."""
    if set_up:
        return _BARRED
    return {bars: Reason.NO_CHANNEL if Reason.NO_CHANNEL in bars else why for bars, why in _BARRED.items()}


def _agreed(kind: MessageKind, channel: Channel, agreed: Agreed) -> bool:
    """What answers them goes where nothing was said; who took their consent back wants nothing there at all."""
    if kind in WRITTEN:
        return True
    if purpose := PURPOSES.get(kind):
        return agreed.get((channel, purpose), False)
    return agreed.get((channel, Purpose.REMINDERS), True)
