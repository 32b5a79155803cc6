"""Messages in words: what each tells, what became of it and why, and what staff may do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Channel
from console.domain.messages import leaving, outbox_queries
from console.domain.messages.outbox_queries import Attempt, Line
from console.domain.messages.pacing import Held
from console.domain.messages.rules import MessageStatus, Reason, may_go_again
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.team.trouble import UNANSWERED, Trouble
from console.routes import _actors, _page
from console.routes._letters import CAUSES
from console.routes._message_words import (
    MESSAGE_CHANNELS,
    MESSAGE_OUTCOMES,
    MESSAGE_REASONS,
    MESSAGE_STATUSES,
    MESSAGES,
    NO_ANSWER,
    SMS_CAUSES,
    said,
)
from console.routes._page import Req
from console.routes._times import by_their_clock
from workers.messages import adapters

ON_CARD = 5
"""Messages that the card of a client shows; the rest are on a page of their own."""
TO_COME = 2
"""Of these at most, where there are others: a series has many to come, and who asks wants to know what was told."""
TONES = {
    MessageStatus.SENT: "good",
    MessageStatus.FAILED: "danger",
    MessageStatus.UNKNOWN: "attention",
    MessageStatus.CLAIMED: "info",
    MessageStatus.DUE: "info",
}


def set_up(request: Req) -> Collection[Channel]:
    """The channels by which clients can be told here."""
    return adapters(request.app.state.settings).keys()


async def part(request: Req, one: ClientView) -> dict[str, Any]:
    """What the card of a client shows of their messages."""
    found = await outbox_queries.glance(one.id, ON_CARD + 1, TO_COME, set_up(request))
    return {
        **await told(request, sorted(found[:ON_CARD], key=lambda each: not each.waits)),
        "url": f"/clients/{one.id}/messages" if len(found) > ON_CARD else None,
    }


async def told(request: Req, lines: Sequence[Line]) -> dict[str, Any]:
    """Lines in words; those withdrawn apart."""
    tried = await outbox_queries.attempts([one.id for one in lines])
    held = await leaving.held({one.client for one in lines if one.goes and one.client}, clock.now())
    people = {one.by for one in lines if one.by is not None}
    by = await team.names(people) if people else {}
    rows = [(one.withdrawn, row(request, one, tried.get(one.id, ()), held.get(one.id), by)) for one in lines]
    return {
        "rows": [one for withdrawn, one in rows if not withdrawn],
        "withdrawn": [one for withdrawn, one in rows if withdrawn],
    }


def row(
    request: Req,
    one: Line,
    tried: Sequence[Attempt] = (),
    held: Held | None = None,
    by: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """A message: what it tells, where it stands, how it came there, and the addresses of what may be done about it.

    `held`: until when it waits though it is not held up yet; `by`: names of staff.
    """
    may, now = request.user.actor.may(Permission.CLIENT_CHANGE), clock.now()
    skipped = one.skipped or (Reason.TOO_LATE if held and one.is_over(held.until) else None)
    return {
        "what": i18n.gettext(MESSAGES[one.kind]),
        "of": _about(request, one),
        "status": i18n.gettext("words.message_unwanted" if skipped else _status(one)),
        "tone": "neutral" if one.withdrawn or skipped or one.is_dismissed else TONES.get(one.status, "neutral"),
        "when": _when(request, one, held),
        "why": _why(one, skipped, held, now),
        "who": _actors.actor_words(by or {}, one.by) if one.by is not None else "",
        "to": _to(one),
        "said": said(one.error),
        "id": one.id,
        "tries": sum(each.outcome != "arrived" for each in tried),
        "attempts": [_attempt(request, each) for each in tried],
        "stop": f"/messages/{one.id}/stop" if may and one.may_stop else None,
        "again": f"/messages/{one.id}/repeat" if may and one.may_go_again(now) else None,
        "never_went": one.status is MessageStatus.SKIPPED,
        "arrived": f"/messages/{one.id}/arrival" if may and one.may_have_arrived else None,
        "dismiss": f"/messages/{one.id}/dismissal" if may and one.is_open else None,
    }


def _status(one: Line) -> str:
    return "words.message_withdrawn" if one.withdrawn else MESSAGE_STATUSES[one.status]


def _to(one: Line) -> str:
    """Where what did not get through goes as things are now."""
    if one.to is None:
        return ""
    return i18n.email(one.to) if one.channel == Channel.EMAIL else i18n.phone(one.to)


def _attempt(request: Req, one: Attempt) -> dict[str, str]:
    return {
        "when": _moment(request, one.at),
        "channel": i18n.gettext(MESSAGE_CHANNELS[one.channel]),
        "outcome": i18n.gettext(MESSAGE_OUTCOMES[one.outcome]),
        "said": said(one.error),
    }


def _when(request: Req, one: Line, held: Held | None) -> str:
    """When it left and by which channel, when it was tried last, or when it goes or would have gone."""
    at = held.until if held else one.told_at
    by = i18n.gettext(MESSAGE_CHANNELS[one.channel]) if one.channel and not one.waits else ""
    moment, home = _moment(request, at), request.scope["state"]["business"].zone
    if one.waits and one.zone:
        moment = by_their_clock(moment, at, home, ZoneInfo(one.zone))
    return ", ".join(filter(None, (by, moment)))


def _about(request: Req, one: Line) -> str:
    """When the booking begins that it tells of; of several of a series the first date and the last, and how many."""
    if one.starts is None:
        return ""
    if one.series is None:
        return _moment(request, one.starts)
    zone = request.scope["state"]["business"].zone
    first = i18n.short_day(clock.business_date(one.starts, zone))
    if one.last is None:
        return i18n.words("words.message_of_series", {"first": first})
    last = i18n.short_day(clock.business_date(one.last, zone))
    return i18n.words("words.message_of_several", {"first": first, "last": last, "count": one.count or 0})


def _moment(request: Req, at: datetime) -> str:
    return i18n.lately(at, request.scope["state"]["business"].zone, _page.today(request))


def _why(one: Line, skipped: Reason | None, held: Held | None, now: datetime) -> str:
    """Why it did not go; of one that was withdrawn whether it may have gone, of one that is over that it is."""
    if one.withdrawn:
        return i18n.gettext(MESSAGE_STATUSES[one.status]) if one.status is not MessageStatus.DUE else ""
    if reason := skipped or (held and held.reason):
        return i18n.gettext(MESSAGE_REASONS[reason])
    over = one.is_over(now) and may_go_again(one.kind, one.status, one.reason)
    why = NO_ANSWER if one.reason == Reason.TROUBLE and _unanswered(one) else MESSAGE_REASONS.get(one.reason or "")
    reasons = [why, _cause(one), *([MESSAGE_REASONS[Reason.TOO_LATE]] if over else [])]
    return ". ".join(i18n.gettext(each).removesuffix(".") for each in reasons if each)


def _cause(one: Line) -> str | None:
    """The key of what a refusal means, of a message that has failed."""
    refused = one.reason in (Reason.TROUBLE, Reason.BOUNCED)
    if one.status is not MessageStatus.FAILED or not refused or _unanswered(one):
        return None
    causes = CAUSES if one.channel == Channel.EMAIL else SMS_CAUSES
    return causes.get(Trouble.read(one.error or "").cause)


def _unanswered(one: Line) -> bool:
    """Whether it may have gone: nobody said that it did not."""
    return one.status is MessageStatus.UNKNOWN or Trouble.read(one.error or "").cause in UNANSWERED


async def not_through(request: Req) -> dict[str, Any] | None:
    """How many messages to clients did not get through lately, and where they are listed; None for who may not read."""
    if not request.user.actor.may(Permission.CLIENT_READ):
        return None
    found = await outbox_queries.not_through(clock.now())
    lists = [
        {"words": i18n.gettext(MESSAGE_STATUSES[status]), "url": f"/messages?status={status}", "count": count}
        for status, count in found.items()
    ]
    return {"count": sum(found.values()), "lists": lists} if found else None


async def health(request: Req) -> dict[str, Any]:
    """How the outbox is, in words and numbers."""
    found = await outbox_queries.health(now := clock.now(), set_up(request))
    zone = request.scope["state"]["business"].zone

    def when(at: datetime | None) -> str | None:
        return i18n.lately(at, zone, clock.business_date(now, zone)) if at else None

    return {"late": when(found.late), "first": when(found.first), "doubtful": found.doubtful, "counts": found}
