"""How clients hear of what was just done with their bookings or tickets, or why they do not, in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from litestar import Request

from console import i18n
from console.domain import clock
from console.domain.booking.news import News, Silence, news
from console.domain.clients.rules import Channel
from console.domain.messages import news as messages
from console.domain.messages.outbox import Foreseen
from console.domain.messages.rules import MessageKind, Reason
from console.routes._message_words import MESSAGE_REASONS
from console.routes._times import by_their_clock
from workers.messages import adapters

TOLD = (
    "booking.book",
    "booking.bring_back",
    "booking.cancel",
    "booking.cancel_waiving",
    "booking.move",
    "booking.swap",
    "series.book",
    "series.cancel",
    "series.move",
    "series.place",
)
"""The kinds of operations on bookings of which it is said."""
OF_CARD = (MessageKind.TIER_RAISED, MessageKind.FREE_VISIT_ISSUED)
WRITES: Mapping[str, Collection[MessageKind]] = {
    "ticket.approve_remedy": OF_CARD,
    "ticket.remedy": OF_CARD,
    "ticket.reply": (MessageKind.TICKET_REPLY,),
}
"""The kinds of operations on tickets of which it is said, each with what it may write to a client."""
BY: Mapping[Channel, str] = {Channel.EMAIL: "words.told_by_email", Channel.SMS: "words.told_by_sms"}
SILENT: Mapping[Silence, str] = {
    Silence.SAME_TIME: "words.untold_same_time",
    Silence.BEGUN: "words.untold_begun",
    Silence.UNREAD: "words.untold_unread",
    Silence.KNOWN: "words.untold_known",
}
OF_CLIENT = ("words.client_told_soon", "words.client_told", "words.client_untold")
OF_WRITER = ("words.writer_told_soon", "words.writer_told", "words.writer_untold")
"""What is said of them, and of who wrote and is no client: that they hear soon, when they do, and why not."""
SOON = timedelta(minutes=3)
"""What is due by then leaves with the next sweep or the one after it."""


@dataclass(frozen=True)
class Heard:
    """Whether and how clients hear of something, in a sentence. `reached`: one of them does."""

    words: str
    reached: bool


async def told(request: Request[Any, Any, Any], operation: int, kind: str) -> str:
    """Whether and how the clients are told of an operation of a kind; empty where that is not said."""
    found = await heard(request, operation, kind)
    return found.words if found else ""


async def heard(request: Request[Any, Any, Any], operation: int, kind: str) -> Heard | None:
    """The same, and whether anybody is reached; None where that is not said."""
    if kind not in TOLD and kind not in WRITES:
        return None
    now = clock.now()
    ways = adapters(request.app.state.settings)
    known = {channel: one.deduplicates for channel, one in ways.items()}
    if kind in WRITES:
        written = await messages.heard(operation, WRITES[kind], now, known)
        found = [News(client, how) for client, how in written.items()]
    else:
        found = await news(operation, now, known)
    count = sum(isinstance(one.how, Foreseen) for one in found)
    if len(found) > 1:
        return Heard(i18n.words("words.clients_told", {"told": count, "count": len(found)}), count > 0)
    return Heard(_of_one(request, found[0], now), count > 0) if found else None


def no_way(request: Request[Any, Any, Any]) -> Heard | None:
    """That a client hears of nothing where no channel is set up at all; None where one is."""
    if adapters(request.app.state.settings):
        return None
    return Heard(_untold(OF_CLIENT[-1], MESSAGE_REASONS[Reason.NO_CHANNEL]), reached=False)


def _of_one(request: Request[Any, Any, Any], one: News, now: datetime) -> str:
    soon, later, never = OF_CLIENT if one.client else OF_WRITER
    if isinstance(one.how, Foreseen):
        by = i18n.gettext(BY[one.how.channel])
        if one.how.at <= now + SOON:
            return i18n.words(soon, {"by": by})
        return i18n.words(later, {"by": by, "when": _when(request, one.how, now)})
    return _untold(never, SILENT[one.how] if isinstance(one.how, Silence) else MESSAGE_REASONS[one.how])


def _untold(never: str, why: str) -> str:
    return i18n.words(never, {"why": i18n.lower_first(i18n.gettext(why))})


def _when(request: Request[Any, Any, Any], how: Foreseen, now: datetime) -> str:
    zone = request.scope["state"]["business"].zone
    day = i18n.lower_first(i18n.near(clock.business_date(how.at, zone), clock.business_date(now, zone)))
    when = i18n.words("words.day_at_time", {"day": day, "time": i18n.time_of_day(how.at, zone)})
    return by_their_clock(when, how.at, zone, how.zone)
