"""Messages in words: what each tells, what became of it and why, and what staff may do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.clients.queries import ClientView
from console.domain.messages import outbox_queries
from console.domain.messages.outbox_queries import Line
from console.domain.messages.rules import MessageStatus, Reason, may_go_again
from console.domain.team.rules import Permission
from console.domain.team.trouble import Trouble
from console.routes import _page
from console.routes._page import Req
from console.routes._values import MESSAGE_CHANNELS, MESSAGE_REASONS, MESSAGE_STATUSES, MESSAGES

ON_CARD = 5
"""Messages that the card of a client shows; the rest are on a page of their own."""
TONES = {
    MessageStatus.SENT: "good",
    MessageStatus.FAILED: "danger",
    MessageStatus.UNKNOWN: "attention",
    MessageStatus.CLAIMED: "info",
    MessageStatus.DUE: "info",
}


async def part(request: Req, one: ClientView) -> dict[str, Any]:
    """What the card of a client shows of their messages."""
    found = await outbox_queries.of_client(one.id, ON_CARD + 1)
    return {**told(request, found[:ON_CARD]), "url": f"/clients/{one.id}/messages" if len(found) > ON_CARD else None}


def told(request: Req, lines: Sequence[Line]) -> dict[str, Any]:
    """Lines in words; those withdrawn apart."""
    return {
        "rows": [row(request, one) for one in lines if not one.withdrawn],
        "withdrawn": [row(request, one) for one in lines if one.withdrawn],
    }


def row(request: Req, one: Line) -> dict[str, Any]:
    """A message: what it tells, where it stands, and the addresses of what may be done about it."""
    may, now = request.user.actor.may(Permission.CLIENT_CHANGE), clock.now()
    return {
        "what": i18n.gettext(MESSAGES[one.kind]),
        "of": _moment(request, one.starts) if one.starts else "",
        "status": i18n.gettext("words.message_withdrawn" if one.withdrawn else MESSAGE_STATUSES[one.status]),
        "tone": "neutral" if one.withdrawn else TONES.get(one.status, "neutral"),
        "when": _when(request, one),
        "why": _why(one, now),
        "said": Trouble.read(one.error).said if one.error else "",
        "client": one.client,
        "stop": f"/messages/{one.id}/stop" if may and one.may_stop else None,
        "again": f"/messages/{one.id}/repeat" if may and one.may_go_again(now) else None,
    }


def _when(request: Req, one: Line) -> str:
    """When it left and by which channel, or when it goes or would have gone."""
    waits = one.status is MessageStatus.DUE and not one.withdrawn
    at = one.sent_at or (one.try_at if waits else one.due_at)
    by = i18n.gettext(MESSAGE_CHANNELS[one.channel]) if one.channel and not waits else ""
    return ", ".join(filter(None, (by, _moment(request, at))))


def _moment(request: Req, at: datetime) -> str:
    return i18n.lately(at, request.scope["state"]["business"].zone, _page.today(request))


def _why(one: Line, now: datetime) -> str:
    """Why it did not go; of one that was withdrawn whether it may have gone, of one that is over that it is."""
    if one.withdrawn:
        return i18n.gettext(MESSAGE_STATUSES[one.status]) if one.status is not MessageStatus.DUE else ""
    over = one.is_over(now) and may_go_again(one.kind, one.status, one.reason)
    reasons = [one.reason, *([Reason.TOO_LATE] if over else [])]
    return ". ".join(i18n.gettext(MESSAGE_REASONS[each]) for each in reasons if each)


async def health(request: Req) -> dict[str, Any]:
    """How the outbox is, in words and numbers."""
    found = await outbox_queries.health(now := clock.now())
    zone = request.scope["state"]["business"].zone
    late = i18n.lately(found.late, zone, clock.business_date(now, zone)) if found.late else None
    return {"late": late, "doubtful": found.doubtful, "counts": found}
