"""Who is in a crew: from a date on, or on one day when somebody stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import cards, crews, standing_by
from console.domain.booking.presence import crew_lists
from console.domain.booking.standing_by import Engaged
from console.domain.errors import NotFound
from console.domain.ids import BookableId
from console.domain.roster.queries import BookableView, bookable, bookables, plan, today
from console.domain.roster.rules import BookableKind
from console.domain.team.rules import Permission
from console.routes import _bookings, _called
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, page
from console.routes._submit import Saved, submit
from console.routes._team import TIME_OFF, off_words, unbroken, url
from console.routes._times import span_words
from console.routes.booking import away_words

ONE = "/team/bookables/{crew:int}/crew"
LAST = date(2100, 12, 31)
MOST_SAID = 4
"""Bookings of somebody that are told beside their name."""
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


@dataclass(frozen=True)
class _Asked:
    """A crew, and the date that the address says, on which somebody stands in; `today` where the crew is."""

    crew: BookableView
    on: date | None
    today: date

    @property
    def url(self) -> str:
        return f"{url(self.crew.id)}/crew{f'?on={self.on}' if self.on else ''}"


async def _asked(request: Req, crew: int) -> _Asked:
    """Raises `NotFound` for what is no crew."""
    one = await bookable(crew)
    if one.kind is not BookableKind.CREW:
        raise NotFound
    now = await today(one.id, clock.now())
    try:
        on = date.fromisoformat(request.query_params.get("on", ""))
    except ValueError:
        return _Asked(one, None, now)
    return _Asked(one, on if now <= on <= LAST else None, now)


async def _fields(request: Req, asked: _Asked, typed: date | None = None) -> tuple[f.Field, ...]:
    """Who is in it, and from or on which date; beside each what they have on the date that is `typed`, or asked for."""
    people = [one for one in await bookables(BookableKind.PERSON) if one.retired_at is None]
    on = typed or asked.on or asked.today
    said = await _said(request, asked.crew.id, [one.id for one in people], on)
    scopes = [(THAT_DAY, i18n.gettext("words.crew_that_day"))]
    if request.user.actor.may(Permission.ROSTER_CHANGE):
        scopes.insert(0, (FROM_THEN_ON, i18n.gettext("words.crew_from_then_on")))
    members = f.several(
        "members",
        lambda: [(str(one.id), one.name) for one in people],
        label="field.crew_members",
        hint="hint.crew_members",
        params={"day": day_words(on)},
        hints=lambda: {who: words for who, (words, _) in said.items()},
        warned=lambda: [who for who, (_, against) in said.items() if against],
    )
    return (
        members,
        f.day("valid_from", asked.today, LAST, label="field.crew_from"),
        f.choice("scope", lambda: scopes, kind="radio", label="field.crew_scope"),
    )


def day_words(on: date) -> str:
    """A date inside a sentence, with its year where that is not this one."""
    return i18n.weekday_and_date(on, year=on.year != clock.now().year)


async def _said(request: Req, crew: BookableId, people: Sequence[BookableId], on: date) -> dict[str, tuple[str, bool]]:
    """What each has on a date, in words, and whether that speaks against them: being away, or busy as the crew is."""
    plans, theirs = await plan(people, on, 1), await standing_by.engaged(people, crew, on)
    named = request.user.actor.may(Permission.BOOKING_READ)
    found = {}
    for who, [day] in plans.items():
        booked = theirs.get(who, ())
        meets = [_engaged_words(one, named) for one in booked if one.meets]
        others = [_engaged_words(one, False) for one in booked if not one.meets]
        hours = [unbroken(one) for shift in day.shifts for one in shift.hours]
        told = [i18n.words("words.away_for", {"what": off_words(off, on)}) for off in day.off]
        told += [", ".join(hours)] if hours else []
        told += [] if told else [i18n.gettext("words.not_at_work")]
        told += [i18n.words("words.meets_crew", {"what": _few(meets)})] if meets else []
        told += [i18n.words("words.booked_for", {"what": _few(others)})] if others else []
        found[str(who)] = "; ".join(told), bool(day.off or meets or not hours)
    return found


def _engaged_words(one: Engaged, named: bool) -> str:
    """12:00–13:00, or 12:00–13:00 with whom."""
    span = span_words(one.starts_at, one.ends_at, one.zone)
    return f"{span} {one.called or _called.erased()}" if named else span


def _few(said: Sequence[str]) -> str:
    """The first ones, and how many there are besides."""
    return ", ".join([*said[:MOST_SAID], *([f"+{len(said) - MOST_SAID}"] if said[MOST_SAID:] else [])])


async def _page(request: Req, asked: _Asked, form: Form, status: int = 200) -> Response[Any]:
    one, on = asked.crew, asked.on
    return await page(
        request,
        "bookables/crew.html",
        i18n.words("title.crew_of", {"name": one.name}),
        status=status,
        form=form,
        bookable=one,
        base=url(one.id),
        action=asked.url,
        day=i18n.upper_first(i18n.near(on, asked.today)) if on else "",
        agenda=f"/agenda?on={on}" if on else "",
        rows=await _booked(request, one.id, on) if on else [],
        may_change=request.user.actor.may(Permission.BOOKING_CHANGE),
    )


async def _booked(request: Req, crew: BookableId, on: date) -> list[dict[str, Any]]:
    """What the crew is booked for on a date, and who of it is away then."""
    if not request.user.actor.may(Permission.BOOKING_READ):
        return []
    found = await cards.movable_of(crew, on)
    names, absent = await _bookings.names(found), await cards.absent([one.id for one in found])
    return [
        {
            **_bookings.line(request, one),
            "name": names[one.client],
            "why": " ".join(dict.fromkeys(map(away_words, absent.get(one.id, ())))),
        }
        for one in found
    ]


@get(ONE, opt=TIME_OFF)
async def show(request: Req, crew: FromPath[int]) -> Response[Any]:
    """The form; with what is ticked by now and a date in the address, as that date is while it is chosen."""
    asked = await _asked(request, crew)
    saved = await _saved(request, asked)
    typed = Form.asked(request, "crew", await _fields(request, asked))
    form = Form.blank(request, "crew", await _fields(request, asked, _typed(typed)), saved.values, saved.version)
    if _typed(typed):
        form.texts |= {name: typed.texts[name] for name in ("members", "valid_from")}
    return await _page(request, asked, form)


def _typed(form: Form) -> date | None:
    """The date that a form says, if it is one that can be chosen."""
    found: date | None = form.usable().get("valid_from")
    return found


async def _saved(request: Req, asked: _Asked) -> Saved:
    """Who is in it on the date that the address says, for that day alone; else who is now, from today on."""
    crew, on, now = asked.crew.id, asked.on, asked.today
    version = await crews.version(crew)
    alone = on is not None or not request.user.actor.may(Permission.ROSTER_CHANGE)
    members = (await crew_lists([crew], [on or now]))[crew][on or now]
    values = {"members": sorted(members), "valid_from": on or now, "scope": THAT_DAY if alone else FROM_THEN_ON}
    return Saved(values, version.number, version.operation)


@post(ONE, opt=TIME_OFF, request_max_body_size=FORM_LIMIT)
async def change(request: Req, crew: FromPath[int]) -> Response[Any]:
    of = await _asked(request, crew)

    async def act(intent: Any, values: dict[str, Any]) -> Any:
        put = crews.substitute if values["scope"] == THAT_DAY else crews.set_members
        members = tuple(BookableId(int(one)) for one in values["members"])
        return await put(intent, of.crew.id, values["valid_from"], members, values["version"])

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        form.spec = await _fields(asked, of, _typed(form))
        return await _page(asked, of, form, status)

    return await submit(
        request,
        "crew",
        await _fields(request, of),
        act=act,
        show=again,
        then=f"/agenda?on={of.on}" if of.on else url(crew),
        saved=lambda _: _saved(request, of),
    )


ROUTES = [show, change]
