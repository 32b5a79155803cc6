"""A day on paper for when the line is down: who comes and where, what they hold and owe, and lines to write on."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get

from console import i18n
from console.domain import clock
from console.domain.clients import queries as clients
from console.domain.clients.queries import ClientView
from console.domain.team.rules import Permission
from console.domain.visits import queries as visits
from console.domain.visits.methods import methods
from console.printing import AgendaUnprintable, check_rows
from console.routes import _agenda, _agenda_list, _debts, _fees, _loyalty, _names
from console.routes._agenda import PAPER, Asked, asked
from console.routes._day import OPEN, Booked, booked, of_day
from console.routes._guards import needs
from console.routes._page import Req
from console.routes._printed import printed
from console.templating import document

EMPTY_LINES = 4
"""Lines for visits without a booking."""


@get(PAPER, opt=needs(Permission.BOOKING_READ))
async def show(request: Req) -> Response[Any]:
    """`?on=&place=`. Raises `NotFound` without a location."""
    one = await asked(request)
    bookings = [row for row in await of_day(one) if row.status not in _agenda_list.OFF]
    check_rows(len(bookings))
    _, sections = await _agenda_list.sections(request, one, bookings, once=True)
    known = {found.id: found for found in await clients.clients(list({row.client for row in bookings}))}
    day = _agenda.long(one.on)
    rows = await booked(request, one, [row for row in bookings if row.status in OPEN])
    html = document(
        "pdf/day.html",
        title=i18n.words("title.day_paper", {"day": day}),
        business=f"{request.scope['state']['business'].name}, {one.location.name}",
        printed=i18n.moment(clock.now(), ZoneInfo(one.location.zone)),
        sections=sections,
        dated=False,
        rows=[await _row(request, one, row, known[row.listed.client]) for row in rows],
        methods=[_names.shown(request, way.names) for way in await methods() if way.retired_at is None],
        empty=range(EMPTY_LINES),
        phones=_phones(known.values()),
    )
    return await printed(request, html, f"{one.location.name}, {day}.pdf", AgendaUnprintable)


async def _row(request: Req, one: Asked, row: Booked, client: ClientView) -> dict[str, Any]:
    """What is written down of a booking, with what its client holds by the programme and owes."""
    known = not client.erased_at
    held = await _loyalty.marks(request, client.id, max(one.on, one.today)) if known else []
    owed = _debts.sums(await visits.debts(client.id)) if known else {}
    return {
        "booked": row,
        "held": [mark["words"] for mark in held],
        "owes": i18n.words("words.owes_in_all", {"money": _fees.money_words(owed)}) if owed else "",
    }


def _phones(known: Any) -> list[tuple[str, list[str]]]:
    """Everybody's numbers, by their names; who has none is left out."""
    found = [(one.names.listed, [i18n.phone(phone.number) for phone in one.phones]) for one in known if one.phones]
    return sorted(found, key=lambda one: one[0].casefold())


ROUTES = [show]
