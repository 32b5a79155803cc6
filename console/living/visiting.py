"""Finishing what was booked at the price of the day, and receiving what was owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from console.domain.ids import BookingId, ClientId
from console.domain.loyalty.accounts import account
from console.domain.loyalty.rules.live import REPLAY
from console.domain.loyalty.rules.pricing import Price
from console.domain.team.rules import Role
from console.domain.visits import debts, queries, rules, terms
from console.domain.visits.actions import Till, finish
from console.domain.visits.rules import Entered, Paid
from console.living import fees
from console.living.booking import booking_of
from console.living.clients import client_of
from console.living.doing import Doing
from console.living.rules.fates import Moment, Pays
from console.living.rules.plan import Planned
from console.living.shop import Shop

TIP = 200_00
YESTERDAY = timedelta(days=1)
"""A visit is this long ago at most that the desk may finish."""
WAYS = (1, 0, 1, 2, 1, 0)
"""Of paying, by their places in the list: mostly by card."""


async def come(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """Finish a visit; a free one is played where there is one that covers something of it."""
    client, booking = client_of(doing, one.member), booking_of(doing, one)
    if client is None or booking is None or doing.is_done(f"comes {one.key}"):
        return
    till = await _till(shop, client, booking, one)
    by = Role.FRONT_DESK if at.day - one.day <= YESTERDAY else Role.MANAGER
    await doing.do(f"comes {one.key}", shop.at(at), finish, till, by=by)


async def _till(shop: Shop, client: ClientId, booking: BookingId, one: Planned) -> Till:
    lines = shop.lines(one.codes, one.fated.product)
    priced = await _priced(client, one.day, lines, plays=one.plays)
    pays = {Pays.AT_ONCE: priced.due, Pays.HALF: priced.due // 2}.get(one.fated.pays, 0)
    way = shop.methods[one.fated.way]
    payments = [Paid(way, pays)] if pays else []
    if payments and one.fated.tips:
        payments.append(Paid(way, TIP, tip=True))
    return Till(shop.location.id, lines, priced.due, tuple(payments), client, booking=booking, free=bool(priced.free))


async def _priced(client: ClientId, on: date, lines: Sequence[Entered], *, plays: bool) -> Price:
    granted = terms.for_client(await account(client, on), on, REPLAY)
    return rules.priced(granted.programme, lines, granted.percentages, free=plays and bool(granted.free_visits))


async def pay_at_once(
    doing: Doing,
    shop: Shop,
    name: str,
    at: datetime,
    client: ClientId,
    booking: BookingId,
    code: str,
    on: date,
    *,
    plays: bool,
) -> None:
    """Finish what a client is booked for on a date, for nothing where they play a free visit, and receive all of it."""
    if doing.is_done(name):
        return
    lines = shop.lines((code,))
    priced = await _priced(client, on, lines, plays=plays)
    paid = (Paid(shop.methods[WAYS[booking % len(WAYS)]], priced.due),) if priced.due else ()
    till = Till(shop.location.id, lines, priced.due, paid, client, booking=booking, free=bool(priced.free))
    await doing.do(name, at, finish, till)


async def settle(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """Receive all that somebody owes by now; some are let off their fee."""
    client = client_of(doing, one.member)
    if client is None or doing.is_done(f"settles {one.key}"):
        return
    owed = await queries.debts(client)
    if one.fated.lenient and len(owed) == 1 and owed[0].fee is not None:
        await fees.waive(doing, f"settles {one.key}", shop.at(at), owed[0].fee)
    elif owed:
        payment = Paid(shop.methods[one.fated.way], sum(one.minor for one in owed))
        await doing.do(
            f"settles {one.key}", shop.at(at), debts.take_owed, client, owed[0].currency, shop.location.id, payment
        )
