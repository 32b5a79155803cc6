"""A day entered from paper: what became of its bookings, row by row, and the visits without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from console import i18n
from console.domain.booking.cards import BookingView
from console.domain.clients import queries as clients
from console.domain.errors import NotFound
from console.domain.intent import Outcome
from console.domain.team.rules import Permission
from console.domain.visits import fees_queries
from console.domain.visits import queries as visits
from console.domain.visits.fees_rules import NONE, Cause
from console.domain.visits.queries import DayVisit
from console.domain.visits.rules import is_far_back
from console.routes import _agenda, _called, _fees
from console.routes import _bookings as words
from console.routes import _day_entry as entry
from console.routes._agenda import ENTRY, FIRST, LAST, PAPER, Asked, asked
from console.routes._bodies import read_body
from console.routes._day import Booked, booked, of_day
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import TOAST_SECONDS, Req, done, page
from console.routes._session import Cookies
from console.routes._times import time_words
from console.routes._toasts import ENTERED

FINISH = needs(Permission.VISIT_FINISH)


@get(ENTRY, opt=FINISH)
async def show(request: Req) -> Response[Any]:
    """`?on=&place=`."""
    try:
        one = await asked(request)
    except NotFound:
        return await page(request, "agenda/nowhere.html", i18n.gettext("title.day_entry"))
    rows = await booked(request, one, await of_day(one))
    return await _show(request, one, rows, Form.blank(request, entry.NAME, await entry.fields(request, rows)))


@post(ENTRY, opt=FINISH, request_max_body_size=FORM_LIMIT)
async def save(request: Req) -> Response[Any]:
    """What is said of each booking is done by itself; a row of which that cannot be stays as it was typed."""
    one = await asked(request)
    rows = await booked(request, one, await of_day(one))
    form = await Form.read(request, entry.NAME, await entry.fields(request, rows))
    outcomes = await entry.enter(request, form, rows)
    typed = entry.said((await read_body(request)).texts)
    if form.problems or len(outcomes) < len(typed):
        rows = await booked(request, one, await of_day(one))
        form.spec = await entry.fields(request, rows)
        # What somebody else has entered meanwhile is done.
        form.problems = {each.name: form.problems[each.name] for each in form.spec if each.name in form.problems}
    astray = await entry.astray(typed, rows) if len(outcomes) < len(typed) and not form.refusal else []
    if form.problems or form.refusal or astray:
        return await _show(request, one, rows, form, 422, len(outcomes), astray)
    return _entered(request, one, outcomes)


def _entered(request: Req, one: Asked, outcomes: Sequence[Outcome[Any]]) -> Response[Any]:
    """The day again; one row is told as it is elsewhere, with its Undo, and of several how many they are."""
    if len(outcomes) == 1:
        return done(request, one.at(ENTRY), outcomes[0])
    told = f"{ENTERED}{len(outcomes)}" if outcomes else "0"
    return done(
        request,
        one.at(ENTRY),
        cookies=[Cookies(request.app.state.settings).make("done", told, TOAST_SECONDS)],
    )


async def _show(
    request: Req,
    one: Asked,
    rows: Sequence[Booked],
    form: Form,
    status: int = 200,
    entered: int = 0,
    astray: Sequence[BookingView] = (),
) -> Response[Any]:
    entry.offer(form, rows)
    there = await visits.of_day([row.listed.booking for row in rows], one.location.id, one.on)
    by_booking = {each.booking: each for each in there}
    return await page(
        request,
        "agenda/entry.html",
        i18n.gettext("title.day_entry"),
        status=status,
        one=one,
        day=_agenda.long(one.on),
        form=form,
        action=one.at(ENTRY),
        agenda=one.at(_agenda.PATH),
        paper=one.at(PAPER),
        new=f"/visits/new?{urlencode({'on': one.on.isoformat(), 'place': one.location.id})}",
        first=FIRST,
        last=LAST,
        rows=[_row(form, row, by_booking.get(row.listed.booking)) for row in rows],
        walked_in=await _walked_in([each for each in there if each.booking is None], ZoneInfo(one.location.zone)),
        held="" if _may_enter(request, one) else i18n.gettext("problem.visit_far_back"),
        to_come=one.on > one.today,
        fee=await _fee(one),
        entered=i18n.words("words.entered", {"count": entered}) if entered else "",
        astray=await _astray(request, astray),
    )


def _may_enter(request: Req, one: Asked) -> bool:
    """Whether the reader may date a visit so far back."""
    return not is_far_back(one.on, one.today) or bool(request.user.actor.may(Permission.VISIT_BACKDATE))


async def _fee(one: Asked) -> str:
    """What a no-show costs at this location; empty where nothing."""
    rule = (await fees_queries.rules_of(one.location.id)).by_cause[Cause.NO_SHOW]
    return "" if rule == NONE else _fees.rule_words(rule)


async def _astray(request: Req, those: Sequence[BookingView]) -> list[dict[str, Any]]:
    """Bookings of which something was typed that is not entered: where they are by now."""
    names = await words.names(those) if those else {}
    return [{**words.line(request, each), "name": names[each.client]} for each in those]


def _row(form: Form, row: Booked, visit: DayVisit | None) -> dict[str, Any]:
    """A booking with its fields by their short names while it is open, else with what became of it."""
    mine = entry.name(row.listed.booking, "")
    bound = form.fields
    fields = {one.name.removeprefix(mine): bound[one.name] for one in form.spec if one.name.startswith(mine)}
    return {
        "booked": row,
        "fields": fields,
        "status": words.status_of(row.listed.status),
        "visit": f"/visits/{visit.id}" if visit else "",
        "money": _money(visit) if visit else "",
        "url": words.url(row.listed.booking),
    }


def _money(visit: DayVisit) -> str:
    """What was paid of a visit, and what is owed."""
    if not visit.due:
        return i18n.gettext("words.entry_free")
    paid = i18n.words("words.entry_paid", {"money": i18n.money(visit.paid, visit.currency)})
    if visit.owed <= 0:
        return paid
    return f"{paid}, {i18n.words('words.owes', {'money': i18n.money(visit.owed, visit.currency)})}"


async def _walked_in(there: Sequence[DayVisit], zone: ZoneInfo) -> list[dict[str, str]]:
    """The visits without a booking that are entered already."""
    known = {found.id: found for found in await clients.clients([one.client for one in there if one.client])}
    return [
        {
            "url": f"/visits/{one.id}",
            "time": time_words(one.at, zone),
            "who": _who(known.get(one.client)) if one.client else i18n.gettext(visits.WALK_IN),
            "what": i18n.listing([i18n.spoken(names) for names in one.names]),
            "money": _money(one),
        }
        for one in there
    ]


def _who(client: Any) -> str:
    return client.names.listed if client is not None and not client.erased_at else _called.erased()


ROUTES = [show, save]
