"""Tickets about visits: opened when somebody called, answered and put right by the support team, and solved."""

from __future__ import annotations

from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.ids import StaffId, TicketId, TicketRemedyId
from console.domain.tickets import actions, ratings, settings
from console.domain.tickets.actions import Opening
from console.domain.tickets.demo import DESK, MANAGER, QUALITY, SUPPORT
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies.rules import Cause, Gives, Remedy
from console.domain.tickets.rules import About, Rating, TicketStatus
from console.living import told
from console.living.booking import booking_of
from console.living.clients import client_of
from console.living.doing import Doing
from console.living.rules.complaints import Complaint, complaint
from console.living.rules.fates import Moment
from console.living.rules.plan import Planned
from console.living.shop import Shop
from console.living.talk import TALKS, THINKS, Talk

REFUND = 500_00
CARD = 1
"""The place of cards in the list of methods."""


async def complain(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They call, or write, about a visit."""
    client, spoken = client_of(doing, one.member), _spoken(one)
    if client is None or spoken is None or not doing.is_done(f"comes {one.key}"):
        return
    said, talk = spoken
    listed = [each.id for each in await settings.categories()]
    subject, body, _, _ = talk.texts[shop.language]
    about = About(
        subject, listed[talk.category], talk.priority, (), StaffId(doing.people[SUPPORT].id) if said.said % 3 else None
    )
    opening = Opening(about, body, talk.channel, client, booking_of(doing, one))
    await doing.do(f"complains {one.key}", shop.at(at), actions.open_ticket, opening, by=DESK)


async def answer(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They are answered, and where the work was not as it should have been it is put right."""
    ticket, spoken = _ticket(doing, one), _spoken(one)
    if ticket is None or spoken is None:
        return
    said, talk = spoken
    text = talk.texts[shop.language][2]
    await doing.do(f"answers {one.key}", shop.at(at), actions.reply, ticket, None, text, by=SUPPORT)
    if said.amends and talk.category == QUALITY:
        money = bool(said.said % 2)
        remedy = await _remedy(doing.result(f"comes {one.key}")["visit"], money=money)
        use, name = (remedies.propose, "proposes") if money else (remedies.give, "amends")
        await doing.do(f"{name} {one.key}", shop.at(at), use, ticket, remedy, by=SUPPORT)


async def solve(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """It is settled, and what was proposed for it is approved before."""
    ticket, spoken = _ticket(doing, one), _spoken(one)
    if ticket is not None and spoken is not None:
        text = spoken[1].texts[shop.language][3]
        if proposed := doing.result(f"proposes {one.key}"):
            remedy = TicketRemedyId(proposed["remedy"])
            await doing.do(f"approves {one.key}", shop.at(at), remedies.approve, remedy, by=MANAGER)
        await doing.do(f"solves {one.key}", shop.at(at), actions.note, ticket, text, TicketStatus.SOLVED, by=SUPPORT)


async def rate(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They say what they think of it, where they were asked."""
    client, ticket, said = client_of(doing, one.member), _ticket(doing, one), complaint(one)
    solving = await told.asked(ticket) if ticket is not None else None
    if client is None or ticket is None or solving is None or said is None:
        return
    rating = Rating.GOOD if said.content else Rating.BAD
    words = THINKS[shop.language][rating]
    comment = words[said.said % len(words)]
    await doing.do(
        f"rates {one.key}",
        shop.at(at),
        ratings.rate,
        ticket,
        solving,
        client,
        rating,
        comment,
        actor=ratings.CLIENT,
    )


async def close(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """Nothing came any more: it is closed."""
    ticket = _ticket(doing, one)
    if ticket is not None:
        await doing.do(f"closes {one.key}", shop.at(at), actions.move, ticket, TicketStatus.CLOSED, by=SUPPORT)


def _spoken(one: Planned) -> tuple[Complaint, Talk] | None:
    """What they say of it, of the things that can be said of such a visit."""
    fit = [talk for talk in TALKS if talk.fits(one.codes, by_card=one.fated.way == CARD and not one.plays)]
    said = complaint(one)
    return (said, fit[said.said % len(fit)]) if said else None


def _ticket(doing: Doing, one: Planned) -> TicketId | None:
    opened = doing.result(f"complains {one.key}")
    return TicketId(opened["ticket"]) if opened else None


async def _remedy(visit: int, *, money: bool) -> Remedy:
    if not money:
        return Remedy(Cause.BAD_SERVICE, visit, Gives.STAMPS, 1)
    [why, *_] = [one.id for one in await reasons(ReasonUse.REFUND)]
    return Remedy(Cause.BAD_SERVICE, visit, Gives.REFUND, REFUND, why)
