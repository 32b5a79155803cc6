"""What a ticket puts right, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from console import i18n
from console.domain import clock
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.tickets import queries as tickets
from console.domain.tickets.queries import TicketRow
from console.domain.tickets.remedies import limits
from console.domain.tickets.remedies.of_bookings import Costless
from console.domain.tickets.remedies.queries import RemedyView
from console.domain.tickets.remedies.rules import OF_VISITS, Cause, Cost, Found, Gives, Measure, Remedy, RemedyStatus
from console.domain.visits import briefs
from console.routes._actors import actor_words
from console.routes._loyalty import Done, visit_words
from console.routes._page import Req
from console.routes._remedy_words import CAUSES, GIVES, SAID, STATUSES, WAYS
from console.routes._values import date_words, in_language, named_words

ON_CARD = {
    Gives.STAMP: "stamps",
    Gives.STAMPS: "stamps",
    Gives.FREE_VISIT: "free-visits",
    Gives.FREE_VISIT_BACK: "free-visits",
    Gives.TIER: "tier",
}
"""The page of the card that has the entries of what is given there."""
ALONE_NONE = {
    Measure.MONEY: "words.remedy_alone_no_money",
    Measure.STAMPS: "words.remedy_alone_no_stamps",
    Measure.TIERS: "words.remedy_alone_no_tier",
}
"""That nothing of a sort is given alone: the limit is 0."""


def url(number: int) -> str:
    """Where something is put right with a ticket."""
    return f"/tickets/{number}/remedies"


def found_words(one: Found) -> str:
    """What there is to put right, with what is known of it: “Visit 12, 4 May: no stamp; that day's was given”."""
    said = {
        "day": date_words(one.on),
        "version": one.version,
        "number": str(one.number or "–"),
        "tier": in_language(one.called) if one.called else "",
        "instead": in_language(one.instead) if one.instead else "",
        "money": i18n.money(one.remedy.amount, one.currency) if one.currency else "",
    }
    return i18n.words(_evidence(one), said)


def _evidence(one: Found) -> str:
    match one.remedy.cause:
        case Cause.MISSING_STAMP:
            return _unstamped(one)
        case Cause.WRONG_TIER:
            return "words.tier_lost_against_rules" if one.by_rules else "words.tier_lost"
        case Cause.REWARD_LAPSED:
            return "words.lapsed_through"
        case Cause.WE_CANCELLED if one.remedy.gives is Gives.FEE:
            return "words.fee_of_booking"
        case Cause.WE_CANCELLED:
            return "words.lapsed_by_us" if one.ours else "words.lapsed_nobody_came"
        case Cause.BAD_SERVICE:
            return "words.bad_visit"


def _unstamped(one: Found) -> str:
    if one.by_rules:
        return "words.unstamped_by_rules"
    return "words.unstamped_that_day" if one.full else "words.unstamped"


async def groups(
    number: int, found: Sequence[Found], costless: Sequence[Costless], waiting: Collection[str]
) -> list[dict[str, Any]]:
    """All that there is to put right, by what went wrong, of one thing each way it can be; and what needs none.

    What is `waiting` for a second person, by its key, is offered no more.
    """
    done = await briefs.done({one.remedy.of for one in found if one.remedy.cause in OF_VISITS})
    by_cause = groupby(found, key=lambda one: one.remedy.cause)
    things = {cause: _things(number, many, done, waiting) for cause, many in by_cause}
    if costless:
        things.setdefault(Cause.WE_CANCELLED, []).extend(_costless(one) for one in costless)
    return [{"cause": i18n.gettext(CAUSES[cause]), "things": many} for cause, many in things.items()]


def _costless(one: Costless) -> dict[str, Any]:
    said = i18n.words("words.called_off_on", {"day": date_words(one.on)})
    why = i18n.gettext("words.called_off_for_nothing")
    return {"evidence": said, "url": f"/bookings/{one.booking}", "done": why, "ways": []}


def _things(number: int, found: Iterable[Found], done: Done, waiting: Collection[str]) -> list[dict[str, Any]]:
    things: dict[str, dict[str, Any]] = {}
    for one in found:
        evidence = found_words(one)
        thing = {"evidence": evidence, "url": _evidence_url(one), "done": "", "ways": []}
        if one.remedy.cause in OF_VISITS:
            thing["done"] = visit_words(one.remedy.of, done)["words"]
        way = _waits(one) if one.remedy.key in waiting else _offered(one, number)
        things.setdefault(evidence, thing)["ways"].append(way)
    return list(things.values())


def _offered(one: Found, number: int) -> dict[str, Any]:
    there = f"{url(number)}?{urlencode({'remedy': one.remedy.key})}"
    return {"label": _offer_words(one), "url": there, "status": None}


def _waits(one: Found) -> dict[str, Any]:
    label, tone = STATUSES[RemedyStatus.PROPOSED]
    return {"label": way_words(one.remedy), "url": "", "status": {"label": i18n.gettext(label), "tone": tone}}


def _evidence_url(one: Found) -> str:
    """Where more is said of a visit or a booking."""
    if one.remedy.cause in OF_VISITS:
        return f"/visits/{one.remedy.of}"
    return f"/bookings/{one.remedy.of}" if one.remedy.cause is Cause.WE_CANCELLED else ""


def _offer_words(one: Found) -> str:
    """What one presses to put something right that way: “Refund, up to 3 000 ₽”."""
    if one.currency is None:
        return way_words(one.remedy)
    said = {"what": way_words(one.remedy), "money": i18n.money(one.remedy.amount, one.currency)}
    return i18n.words("words.give_up_to", said)


def way_words(remedy: Remedy) -> str:
    """What is done to put something right that way."""
    return i18n.gettext(WAYS[remedy.gives])


def gives_words(gives: Gives, amount: int, currency: str | None) -> str:
    """What a remedy gives, with how much of it: “2 stamps”, “refund of 500 ₽”."""
    if gives is Gives.STAMPS:
        return i18n.words("words.gives_stamps", {"count": amount})
    return i18n.words(GIVES[gives], {"money": i18n.money(amount, currency) if currency else ""})


async def rows(request: Req, remedies: Sequence[RemedyView], number: int) -> list[dict[str, Any]]:
    """The remedies of a ticket as its page lists them, with what may be done about those that wait."""
    names = await team.names(people(remedies))
    return [_row(request, one, number, names) for one in remedies]


def people(remedies: Iterable[RemedyView]) -> set[int]:
    """Who had a part in them."""
    return {one for remedy in remedies for one in (remedy.proposed_by, remedy.settled_by)}


def line(one: RemedyView, client: ClientId | None, names: Mapping[int, str]) -> dict[str, Any]:
    """A remedy as the conversation tells it: who did what with it last, and where its entries or its visit stand."""
    return {
        "who": actor_words(names, one.settled_by),
        "did": {"label": i18n.gettext(SAID[one.status]), "tone": STATUSES[one.status][1]},
        "by": actor_words(names, one.proposed_by) if one.settled_by != one.proposed_by else "",
        "what": row_words(one),
        "url": _entries_url(one, client),
        "on": date_words(one.visit_on) if one.visit_on else "",
    }


def _entries_url(one: RemedyView, client: ClientId | None) -> str:
    """Where what it posted stands: on the card, at the booking or at the visit; before that, the visit's page."""
    if one.status is not RemedyStatus.POSTED:
        return f"/visits/{one.of}" if one.visit_on else ""
    if one.gives in ON_CARD:
        return f"/clients/{client}/loyalty/{ON_CARD[one.gives]}" if client else ""
    return f"/bookings/{one.of}" if one.gives is Gives.FEE else f"/visits/{one.of}"


def row_words(one: RemedyView) -> str:
    """What a remedy is for and what it gives."""
    return i18n.words(
        "words.remedy_gives",
        {"what": i18n.gettext(CAUSES[one.cause]), "gives": gives_words(one.gives, one.amount, one.currency)},
    )


async def proposed(ticket: TicketRow, one: RemedyView) -> list[tuple[str, str]]:
    """What was proposed, for whom, by whom, and why not given, as whoever is to approve it reads it."""
    names = await team.names({one.proposed_by})
    clients = await tickets.whose([ticket])
    said = {
        "words.remedy_client": named_words(clients[ticket.client], quoted=False) if ticket.client else "",
        "words.remedy_for": i18n.gettext(CAUSES[one.cause]),
        "words.remedy_of_visit": date_words(one.visit_on) if one.visit_on else "",
        "words.remedy_what": gives_words(one.gives, one.amount, one.currency),
        "words.remedy_reason": in_language(one.reason) if one.reason else "",
        "words.remedy_by": actor_words(names, one.proposed_by),
        "words.remedy_second": await _why_second(one) if one.waits else "",
    }
    return [(i18n.gettext(key), what) for key, what in said.items() if what]


async def _why_second(one: RemedyView) -> str:
    """The limit of whoever proposed it that it is beyond; limits may have been changed since."""
    cost = Cost(one.minor, one.stamps, int(one.gives is Gives.TIER))
    limit = await limits.exceeded(one.proposed_by, clock.now(), cost, one.currency)
    if limit is None:
        return i18n.gettext("words.remedy_above")
    if not limit.most:
        return i18n.gettext(ALONE_NONE[limit.of])
    if limit.of is Measure.MONEY:
        return i18n.words("words.remedy_above_money", {"sum": i18n.money(limit.most, (await business()).currency)})
    if limit.of is Measure.STAMPS:
        return i18n.words("words.remedy_above_stamps", {"count": limit.most})
    return i18n.words("words.remedy_above_tiers", {"count": limit.most})


def _row(request: Req, one: RemedyView, number: int, names: Mapping[int, str]) -> dict[str, Any]:
    words, tone = STATUSES[one.status]
    actor = request.user.actor
    approves = one.waits and actor.may(Permission.TICKET_APPROVE) and one.proposed_by != actor.id
    return {
        "what": row_words(one),
        "on": date_words(one.visit_on) if one.visit_on else "",
        "visit": f"/visits/{one.of}" if one.visit_on else "",
        "waits": one.waits,
        "status": {"label": i18n.gettext(words), "tone": tone},
        "by": actor_words(names, one.proposed_by),
        "second": actor_words(names, one.approved_by) if one.approved_by else "",
        "approval": f"{url(number)}/{one.id}/approval" if approves else "",
        "own": one.proposed_by == actor.id,
        "refusal": f"{url(number)}/{one.id}/refusal" if approves or (one.waits and one.proposed_by == actor.id) else "",
    }
