"""Somebody is ill: their bookings of a day in one list, who could take each, and all of it done in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import places, standing_in
from console.domain.booking.arranging import Arrangement
from console.domain.booking.standing_in import Chance, Orphan
from console.domain.errors import Invalid, Problem, Stale
from console.domain.ids import BookableId, BookingId
from console.domain.intent import Effect, Intent, Outcome
from console.routes import _bookings, _sick, _stood_in
from console.routes._bookings import CHANGE
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._look_first import look_first
from console.routes._page import Req, page
from console.routes._sick import Chosen, Sick, Taker
from console.routes._team import url
from console.routes._times import time_words

ONE = "/team/bookables/{person:int}/stand-in"
NAME = "stand_in"


@get(ONE, opt=CHANGE)
async def show(request: Req, person: FromPath[int]) -> Response[Any]:
    sick = await _sick.look(request, person)
    done = await _stood_in.done(request, sick)
    if done is not None:
        return await _stood_in.show_done(request, sick, done)
    return await _show(request, sick, Form.blank(request, NAME, sick.spec(), sick.values()))


async def _show(
    request: Req, sick: Sick, form: Form, status: int = 200, effects: Sequence[Effect] | None = None
) -> Response[Any]:
    base = url(sick.person.id)
    return await page(
        request,
        "bookables/stand_in.html",
        i18n.words("title.stand_in", {"name": sick.person.name}),
        status=status,
        form=form,
        bookable=sick.person,
        base=base,
        on=sick.on,
        day=i18n.upper_first(i18n.near(sick.on, sick.today)),
        before=f"{base}/stand-in?on={sick.on - timedelta(days=1)}" if sick.on > sick.today else "",
        after=f"{base}/stand-in?on={sick.on + timedelta(days=1)}",
        action=f"{base}/stand-in?on={sick.on}",
        rows=[_row(one, form, sick) for one in sick.open],
        crews=[_sick.crew_row(one, sick) for one in sick.found if one.crew is not None],
        may_be_ill=sick.may_be_noted,
        told=_told(effects) if effects is not None else None,
        plan=[_planned(one, form, sick) for one in sick.open],
        is_ill=sick.is_off or bool(form.usable().get("ill")),
    )


def _told(effects: Sequence[Effect]) -> list[str]:
    return [i18n.words(one.key, one.params) for one in effects if one.key.startswith("effect.")]


def _planned(one: Orphan, form: Form, sick: Sick) -> dict[str, Any]:
    """Who would get a booking, as the form says: `to` is empty where it stays; `then` is another time, if any."""
    chosen: Chosen = form.usable().get(f"b{one.id}")
    moves = chosen is not None and chosen.start != places.minute(one.starts_at)
    return {
        "time": time_words(one.starts_at, one.zone),
        "then": time_words(places.instant(chosen.start), one.zone) if chosen and moves else "",
        "client": sick.clients.get(one.client, ""),
        "phones": sick.phones.get(one.client, []),
        "to": sick.people.get(chosen.who, "") if chosen else "",
    }


def _row(one: Orphan, form: Form, sick: Sick) -> dict[str, Any]:
    others = [sick.people[who] for who in one.others if who in sick.people]
    return {
        "field": form.fields[f"b{one.id}"],
        "others": i18n.listing(others),
        "note": one.note,
        "url": _bookings.url(one.id),
        "state": "now" if one.proposed else "given" if one.at_its_time else "later" if one.later else "nobody",
    }


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def stand_in(request: Req, person: FromPath[int]) -> Response[Any]:
    sick = await _sick.look(request, person)
    sent = list((await read_body(request)).texts)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        outcome = await _stand_in(intent, sick, values)
        return replace(outcome, result={**outcome.result, "operation": outcome.operation_id})

    return await look_first(
        request,
        NAME,
        sick.spec(sent),
        act=act,
        show=lambda asked, form, status, effects: _show(asked, sick, form, status, effects),
        then=lambda did: f"{url(sick.person.id)}/stand-in?on={sick.on}&done={did['operation']}",
    )


async def _stand_in(intent: Intent, sick: Sick, values: Mapping[str, Any]) -> Outcome[Any]:
    takers = {BookingId(int(name[1:])): value for name, value in values.items() if name[:1] == "b" and value}
    chosen = [_arranged(booking, taker, sick.person.id) for booking, taker in takers.items()]
    seen = {booking: taker.version for booking, taker in takers.items()}
    ill = bool(values.get("ill"))
    try:
        return await standing_in.stand_in(intent, sick.person.id, sick.on, tuple(chosen), ill, seen)
    except Stale as stale:
        raise Invalid(_meanwhile(stale.entity_id, sick)) from stale
    except Invalid as wrong:
        if not (wrong.by_entity or "starts" in wrong.problems):
            raise
        raise Invalid({**_blamed(wrong, sick), **_colliding(sick, takers)} or wrong.problems) from wrong


def _blamed(wrong: Invalid, sick: Sick) -> dict[str, Problem]:
    """What is wrong with bookings: at the field of each, or of the form for what has none there."""
    shown = {one.id for one in sick.open}
    return {f"b{one}" if one in shown else "bookings": why for one, why in wrong.by_entity.items()}


def _colliding(sick: Sick, takers: Mapping[BookingId, Taker]) -> dict[str, Problem]:
    """Which choices of the page are too much together, each at the later one of both by the name of the earlier."""
    given: list[tuple[Orphan, Chance]] = []
    found: dict[str, Problem] = {}
    for one in sick.open:
        taker = takers.get(one.id)
        mine = next((each for each in (*one.at_its_time, *one.later) if taker and _is(taker, each)), None)
        if mine is None:
            continue
        if above := next((other for other, chance in given if mine.meets(chance)), None):
            said = {
                "who": sick.people.get(mine.who, ""),
                "time": time_words(above.starts_at, above.zone),
                "client": sick.clients.get(above.client, ""),
            }
            found[f"b{one.id}"] = Problem("problem.taken_above", said)
        else:
            given.append((one, mine))
    return found


def _is(taker: Taker, one: Chance) -> bool:
    return (taker.who, taker.start) == (one.who, places.minute(one.starts_at))


def _meanwhile(booking: int, sick: Sick) -> dict[str, Problem]:
    """That a booking was changed since the page was shown: at its field, if it is still one of somebody's."""
    if booking in {one.id for one in sick.open}:
        return {f"b{booking}": Problem("problem.booking_meanwhile")}
    return {"bookings": Problem("problem.bookings_meanwhile")}


def _arranged(booking: BookingId, taker: Taker, person: BookableId) -> Arrangement:
    return Arrangement(booking, places.instant(taker.start), ((person, taker.who),))


ROUTES = [show, stand_in]
