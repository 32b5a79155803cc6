"""What standing in did: whom to call, who takes what, and what nobody does yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response

from console import i18n
from console.domain.audit import queries as audit
from console.domain.booking import cards, former
from console.domain.booking.former import Back
from console.domain.booking.standing_in import Orphan
from console.domain.clients.queries import clients as clients_of
from console.domain.ids import OperationId
from console.routes import _bookings, _series, _sick
from console.routes import _fields as f
from console.routes._page import Req, page
from console.routes._sick import Sick
from console.routes._team import url
from console.routes._times import span_words, time_words


async def done(request: Req, sick: Sick) -> OperationId | None:
    """What the address says was done that day, if it was and still stands."""
    number = request.query_params.get("done", "")
    for one in await audit.entries([int(number)]) if f.as_id(number) is not None else ():
        if one.deed.kind == "booking.stand_in" and ("bookable", sick.person.id) in one.deed.about and not one.undone:
            return one.id
    return None


async def show_done(request: Req, sick: Sick, operation: OperationId) -> Response[Any]:
    """What was done: whom to call, who takes what, and what nobody does yet."""
    backs = await former.moved(operation)
    views = {one.id: one for one in await cards.those([one.former.booking for one in backs])}
    those = await clients_of(list({one.client for one in views.values()}))
    names, phones = _series.called(those), {**_sick.phones(those), **sick.phones}
    rows = [_done_row(one, views[one.former.booking], names, phones) for one in backs]
    base = url(sick.person.id)
    return await page(
        request,
        "bookables/stood_in.html",
        i18n.words("title.stand_in", {"name": sick.person.name}),
        bookable=sick.person,
        base=base,
        again=f"{base}/stand-in?on={sick.on}",
        agenda=f"/agenda?on={sick.on}",
        day=i18n.upper_first(i18n.near(sick.on, sick.today)),
        rows=rows,
        left=[_left_row(one, sick) for one in sick.open],
        crews=[_sick.crew_row(one, sick) for one in sick.found if one.crew is not None],
    )


def _done_row(
    one: Back, view: cards.BookingView, names: Mapping[int, str], phones: Mapping[int, list[dict[str, str]]]
) -> dict[str, Any]:
    was = time_words(one.former.starts_at, view.zone)
    now = time_words(view.starts_at, view.zone)
    return {
        "url": _bookings.url(view.id),
        "time": was,
        "then": now if one.former.starts_at != view.starts_at else "",
        "client": names.get(view.client, ""),
        "phones": phones.get(view.client, []),
        "to": i18n.listing([who.name for who in view.people]),
    }


def _left_row(one: Orphan, sick: Sick) -> dict[str, Any]:
    return {
        "url": f"{_bookings.url(one.id)}/move",
        "time": span_words(one.starts_at, one.ends_at, one.zone),
        "client": sick.clients.get(one.client, ""),
        "phones": sick.phones.get(one.client, []),
    }
