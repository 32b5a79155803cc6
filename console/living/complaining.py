"""Tickets about visits: opened when somebody called, answered and put right by the support team, and solved."""

from __future__ import annotations

from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.ids import StaffId, TicketId
from console.domain.tickets import actions, settings
from console.domain.tickets.actions import Opening
from console.domain.tickets.demo import DESK, QUALITY, SUPPORT, acting
from console.domain.tickets.remedies import actions as remedies
from console.domain.tickets.remedies.rules import Cause, Gives, Remedy
from console.domain.tickets.rules import About, TicketStatus
from console.living.booking import booking_of
from console.living.clients import client_of
from console.living.doing import Doing
from console.living.rules.complaints import Complaint, complaint
from console.living.rules.fates import Moment
from console.living.rules.plan import Planned
from console.living.shop import Shop
from console.living.talk import TALKS, Talk

REFUND = 500_00


async def complain(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They call, or write, about a visit."""
    client, told = client_of(doing, one.member), _told(one)
    if client is None or told is None or not doing.is_done(f"comes {one.key}"):
        return
    said, talk = told
    listed = [each.id for each in await settings.categories()]
    who = await acting()
    subject, body, _, _ = talk.texts[shop.language]
    about = About(
        subject, listed[talk.category], talk.priority, (), StaffId(who[SUPPORT].id) if said.said % 3 else None
    )
    opening = Opening(about, body, talk.channel, client, booking_of(doing, one))
    await doing.do(f"complains {one.key}", shop.at(at), actions.open_ticket, opening, actor=who[DESK])


async def answer(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They are answered, and where the work was not as it should have been it is put right."""
    ticket, told = _ticket(doing, one), _told(one)
    if ticket is None or told is None:
        return
    said, talk = told
    who = (await acting())[SUPPORT]
    text = talk.texts[shop.language][2]
    await doing.do(f"answers {one.key}", shop.at(at), actions.reply, ticket, None, text, actor=who)
    if said.amends and talk.category == QUALITY:
        remedy = await _remedy(doing.result(f"comes {one.key}")["visit"], money=bool(said.said % 2))
        await doing.do(f"amends {one.key}", shop.at(at), remedies.give, ticket, remedy, actor=who)


async def solve(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """It is settled."""
    ticket, told = _ticket(doing, one), _told(one)
    if ticket is not None and told is not None:
        text = told[1].texts[shop.language][3]
        who = (await acting())[SUPPORT]
        await doing.do(f"solves {one.key}", shop.at(at), actions.note, ticket, text, TicketStatus.SOLVED, actor=who)


def _told(one: Planned) -> tuple[Complaint, Talk] | None:
    said = complaint(one)
    return (said, TALKS[said.said % len(TALKS)]) if said else None


def _ticket(doing: Doing, one: Planned) -> TicketId | None:
    opened = doing.result(f"complains {one.key}")
    return TicketId(opened["ticket"]) if opened else None


async def _remedy(visit: int, *, money: bool) -> Remedy:
    if not money:
        return Remedy(Cause.BAD_SERVICE, visit, Gives.STAMPS, 1)
    [why, *_] = [one.id for one in await reasons(ReasonUse.REFUND)]
    return Remedy(Cause.BAD_SERVICE, visit, Gives.REFUND, REFUND, why)
