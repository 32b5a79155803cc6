"""The agenda: a day of everybody at a location, a week of one person, a list; and whether anything changed since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get

from console import i18n
from console.domain import clock
from console.domain.booking.agenda import agenda
from console.domain.booking.lying import here
from console.domain.desk import agenda_marks
from console.domain.desk.agenda_marks import revision as revision_of
from console.domain.errors import NotFound
from console.domain.team.rules import Permission
from console.routes import _agenda, _agenda_list
from console.routes._agenda import CHANGES, LIST_VIEW, PATH, WEEK_VIEW, Asked, asked
from console.routes._board import NOW, Kept, board, unconfirmed
from console.routes._guards import needs
from console.routes._page import Req, frame, page, rendered
from console.routes._session import Cookies
from console.routes._shelf import Shelf

READ = needs(Permission.BOOKING_READ)
YEAR = 365 * 24 * 3600


@get(PATH, opt=READ)
async def show(request: Req) -> Response[Any]:
    try:
        one = await asked(request)
    except NotFound:
        return await page(request, "agenda/nowhere.html", i18n.gettext("nav.agenda"))
    if one.view == LIST_VIEW or request.query_params.get("as"):
        return await _agenda_list.show(request, one, await revision_of(one.location, one.first, one.length))
    one, known, made = await _made(request, one)
    remembered = Cookies(request.app.state.settings)
    cookies = []
    if len(one.places) > 1 and remembered.read(request, "place") != str(one.location.id):
        cookies = [remembered.make("place", str(one.location.id), YEAR)]
    return await page(
        request,
        "agenda/page.html",
        _agenda.title(one),
        cookies=cookies,
        **await _context(request, one, known, made),
    )


@get(CHANGES, opt={**READ, "unattended": True})
async def changes(request: Req) -> Response[Any]:
    """Nothing where the agenda is still what the page shows, else its parts that are other ones now."""
    one = await asked(request)
    revision = await revision_of(one.location, one.first, one.length)
    if revision == request.query_params.get("known"):
        return Response(None, status_code=204)
    if one.view == LIST_VIEW:
        return await _agenda_list.show(request, one, revision)
    one, known, made = await _made(request, one, revision)
    context = await _context(request, one, known, made)
    return rendered("agenda/changes.html", frame(request, _agenda.title(one)), context, status=200)


async def _context(request: Req, one: Asked, revision: str, made: Kept) -> dict[str, Any]:
    return {
        "one": one,
        "links": _agenda.links(one, request.user.actor.may(Permission.CLIENT_EXPORT)),
        "strip": await _agenda.month(request, one),
        "board": made.at(clock.now()),
        "made": made,
        "to_move": _agenda.to_move(made.astray, clock.now()),
        "changes": _agenda.changes_url(one, revision),
        "people": made.people,
        "may_change": request.user.actor.may(Permission.BOOKING_CHANGE),
        "may_plan": request.user.actor.may(Permission.ROSTER_CHANGE),
    }


async def _made(request: Req, one: Asked, revision: str | None = None) -> tuple[Asked, str, Kept]:
    """The board of what was asked for, kept or new, with its revision."""
    revision = revision or await revision_of(one.location, one.first, one.length)
    may = request.user.actor.may(Permission.BOOKING_CHANGE)
    key = (revision, i18n.current(), may, one.today, one.location.id, *one.query.items())
    boards: Shelf[Kept] = request.app.state.boards
    made = await boards.get(key, lambda: _new(request, one, may))
    return made.asked, revision, made


async def _new(request: Req, one: Asked, may_change: bool) -> Kept:
    """A board made anew. A week is of one person: the first one where nobody was asked for."""
    everybody = await here(one.location.id, {one.person} if one.person else ())
    if one.view == WEEK_VIEW and one.person not in {who.id for who in everybody}:
        one = replace(one, person=everybody[0].id if everybody else None)
    only = one.person if one.view == WEEK_VIEW else None
    shown = await agenda(one.location, one.first, one.length, only)
    marks = await agenda_marks.marks({of for day in shown.days for of in day.bookings}, one.today)
    made, axis = board(request, one, shown, may_change, marks)
    engine: Any = request.app.template_engine
    before, _, after = engine.get_template("agenda/_board.html").render(board=made, one=one).partition(NOW)
    return Kept(
        (before, after),
        axis,
        one,
        _agenda.summary(shown.days, one.today),
        unconfirmed(one, shown),
        _agenda.closed(one, shown.days[0]) if one.view != WEEK_VIEW else None,
        all(day.is_empty for day in shown.days),
        not made.cols,
        any(col.free for col in made.cols),
        _agenda.people(everybody),
        [moment for day in shown.days for moment in day.astray],
    )


ROUTES = [show, changes]
