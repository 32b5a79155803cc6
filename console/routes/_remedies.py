"""What a ticket puts right, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import i18n
from console.domain.ids import TicketId
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.tickets.remedies import queries
from console.domain.tickets.remedies.evidence import Found
from console.domain.tickets.remedies.queries import RemedyView
from console.domain.tickets.remedies.rules import Cause, RemedyStatus
from console.routes._actors import actor_words
from console.routes._page import Req
from console.routes._values import date_words

CAUSES = {
    Cause.MISSING_STAMP: "words.remedy_missing_stamp",
    Cause.REWARD_LAPSED: "words.remedy_reward_lapsed",
}
STATUSES = {
    RemedyStatus.PROPOSED: ("words.remedy_proposed", "attention"),
    RemedyStatus.POSTED: ("words.remedy_posted", "good"),
    RemedyStatus.DECLINED: ("words.remedy_declined", "neutral"),
}


def url(number: int) -> str:
    """Where something is put right with a ticket."""
    return f"/tickets/{number}/remedies"


def found_words(one: Found) -> str:
    """What there is to put right, with what speaks for it: “Visit 12, 4 May: no stamp; version 2 gives none”."""
    said: dict[str, Any] = {"day": date_words(one.on), "version": one.version}
    if one.remedy.cause is Cause.REWARD_LAPSED:
        return i18n.words("words.lapsed_through", said)
    key = "words.unstamped_by_rules" if one.by_rules else "words.unstamped"
    return i18n.words(key, {**said, "number": one.number or "–"})


async def rows(request: Req, ticket: TicketId, number: int) -> list[dict[str, Any]]:
    """The remedies of a ticket as its page lists them, with what may be done about those that wait."""
    remedies = await queries.of_ticket(ticket)
    names = await team.names(
        {one.proposed_by for one in remedies} | {one.approved_by or one.proposed_by for one in remedies}
    )
    return [_row(request, one, number, names) for one in remedies]


def _row(request: Req, one: RemedyView, number: int, names: Mapping[int, str]) -> dict[str, Any]:
    words, tone = STATUSES[one.status]
    actor = request.user.actor
    approves = one.waits and actor.may(Permission.TICKET_APPROVE) and one.proposed_by != actor.id
    return {
        "what": i18n.gettext(CAUSES[one.cause]),
        "on": date_words(one.visit_on) if one.visit_on else "",
        "status": {"label": i18n.gettext(words), "tone": tone},
        "by": actor_words(names, one.proposed_by),
        "second": actor_words(names, one.approved_by) if one.approved_by else "",
        "approval": f"{url(number)}/{one.id}/approval" if approves else "",
        "refusal": f"{url(number)}/{one.id}/refusal" if approves or (one.waits and one.proposed_by == actor.id) else "",
    }
