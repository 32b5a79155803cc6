"""Who is in a crew: from a date on, or on one day when somebody stands in."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import crews
from console.domain.errors import NotFound
from console.domain.ids import BookableId
from console.domain.roster.queries import BookableView, bookable, bookables
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, page
from console.routes._submit import Saved, submit
from console.routes._team import TIME_OFF, today, url

ONE = "/team/bookables/{crew:int}/crew"
LAST = date(2100, 12, 31)
FROM_THEN_ON, THAT_DAY = "from_then_on", "that_day"


async def members_words(crew: BookableId, now: date) -> list[dict[str, str]]:
    """The lists of a crew as its page shows them: who, since when, and whether it is for one day."""
    names = {one.id: one.name for one in await bookables(BookableKind.PERSON)}
    return [
        {
            "who": i18n.listing([names[who] for who in one.members if who in names]),
            "since": i18n.short_day(one.valid_from),
            "state": THAT_DAY if one.that_day else "to_come" if one.valid_from > now else "now",
        }
        for one in await crews.lists(crew, now)
    ]


async def _crew(crew: int) -> BookableView:
    """Raises `NotFound` for what is no crew."""
    one = await bookable(crew)
    if one.kind is not BookableKind.CREW:
        raise NotFound
    return one


async def _fields(request: Req) -> tuple[f.Field, ...]:
    people = [(str(one.id), one.name) for one in await bookables(BookableKind.PERSON) if one.retired_at is None]
    scopes = [(THAT_DAY, i18n.gettext("words.crew_that_day"))]
    if request.user.actor.may(Permission.ROSTER_CHANGE):
        scopes.insert(0, (FROM_THEN_ON, i18n.gettext("words.crew_from_then_on")))
    return (
        f.several("members", lambda: people, label="field.crew_members"),
        f.day("valid_from", today(request), LAST, label="field.crew_from"),
        f.choice("scope", lambda: scopes, kind="radio", label="field.crew_scope"),
    )


async def _page(request: Req, crew: int, form: Form, status: int = 200) -> Response[Any]:
    one = await _crew(crew)
    title = i18n.words("title.crew_of", {"name": one.name})
    return await page(request, "bookables/crew.html", title, status=status, form=form, bookable=one, base=url(crew))


@get(ONE, opt=TIME_OFF)
async def show(request: Req, crew: FromPath[int]) -> Response[Any]:
    saved = await _saved(request, BookableId((await _crew(crew)).id))
    form = Form.blank(request, "crew", await _fields(request), saved.values, saved.version)
    return await _page(request, crew, form)


async def _saved(request: Req, crew: BookableId) -> Saved:
    now = today(request)
    known = await crews.lists(crew, now)
    front = THAT_DAY if not request.user.actor.may(Permission.ROSTER_CHANGE) else FROM_THEN_ON
    values = {"members": known[0].members if known else (), "valid_from": now, "scope": front}
    return Saved(values, *await crews.version(crew))


@post(ONE, opt=TIME_OFF, request_max_body_size=FORM_LIMIT)
async def change(request: Req, crew: FromPath[int]) -> Response[Any]:
    of = BookableId((await _crew(crew)).id)

    async def act(intent: Any, values: dict[str, Any]) -> Any:
        put = crews.substitute if values["scope"] == THAT_DAY else crews.set_members
        members = tuple(BookableId(int(one)) for one in values["members"])
        return await put(intent, of, values["valid_from"], members, values["version"])

    return await submit(
        request,
        "crew",
        await _fields(request),
        act=act,
        show=lambda asked, form, status: _page(asked, crew, form, status),
        then=url(crew),
        saved=lambda _: _saved(request, of),
    )


ROUTES = [show, change]
