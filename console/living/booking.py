"""Booking what is planned, and what becomes of it before anybody comes."""

from __future__ import annotations

from dataclasses import replace

from console.domain.booking import actions, arranging
from console.domain.booking.arranging import Asked
from console.domain.booking.rules import CancelledBy, Source
from console.domain.ids import BookingId
from console.living.clients import client_of
from console.living.doing import Doing
from console.living.rules.fates import Fate, Moment
from console.living.rules.plan import Planned
from console.living.shop import Shop

SOURCES = (Source.PHONE, Source.PHONE, Source.CHAT, Source.DESK, Source.PHONE, Source.MAIL)


def booking_of(doing: Doing, one: Planned) -> BookingId | None:
    """The booking of what is planned, None where it was not made."""
    booked = doing.result(f"books {one.key}")
    return BookingId(booked["booking"]) if booked else None


async def book(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """Book it for the time that was wanted first."""
    client = client_of(doing, one.member)
    if client is None:
        return
    doers = shop.doers(one.spot)
    asked = Asked(
        client,
        shop.location.id,
        tuple(shop.services[code] for code in one.codes),
        source=SOURCES[(one.member.number + one.visit) % len(SOURCES)],
        rather=(doers,) * len(one.codes),
        only=True,
    )
    starts_at = shop.at(replace(one.begins, minute=one.before or one.spot.minute))
    await doing.do(f"books {one.key}", shop.at(at), actions.book, asked, starts_at)


async def move(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """Move it to the time at which they come."""
    booking = booking_of(doing, one)
    if booking is not None:
        there = arranging.Arrangement(booking, shop.at(one.begins))
        await doing.do(f"moves {one.key}", shop.at(at), actions.move, there, 1)


async def confirm(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They say that they come."""
    booking = booking_of(doing, one)
    if booking is not None:
        await doing.do(f"confirms {one.key}", shop.at(at), actions.confirm, booking)


async def call_off(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """They, or we, call it off."""
    booking = booking_of(doing, one)
    if booking is not None:
        by = CancelledBy.US if one.fated.fate is Fate.WE_CANCEL else CancelledBy.CLIENT
        await doing.do(f"calls off {one.key}", shop.at(at), actions.cancel, booking, by)


async def arrive(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """We are there."""
    booking = booking_of(doing, one)
    if booking is not None:
        await doing.do(f"arrives {one.key}", shop.at(at), actions.arrive, booking)


async def miss(doing: Doing, shop: Shop, one: Planned, at: Moment) -> None:
    """Nobody opens."""
    booking = booking_of(doing, one)
    if booking is not None:
        await doing.do(f"misses {one.key}", shop.at(at), actions.no_show, booking)
