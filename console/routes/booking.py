"""A booking's page, or its panel beside the agenda: who, what, when, where it stands, and what may come next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n, links
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.booking import actions, by_link, cards
from console.domain.booking.cards import Absent, BookingView, Came
from console.domain.booking.queries import booking_names
from console.domain.booking.rules import (
    CALLED_OFF,
    LAWFUL,
    MOVABLE,
    CancelledBy,
    Source,
    Status,
    may_arrive,
)
from console.domain.clients import parts
from console.domain.clients import queries as clients
from console.domain.clients.queries import ClientView
from console.domain.ids import BookingId, SiteId
from console.domain.intent import Intent, Outcome
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.visits import cards as visits
from console.domain.visits.fees_queries import told_of as fees_of
from console.routes import _actors, _fees, _loyalty, _names, _series, _tickets, _timeline, _whom
from console.routes import _bookings as words
from console.routes import _fields as f
from console.routes._bookings import CHANGE, READ
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, back, frame, page, rendered, wants_fragment
from console.routes._submit import Saved, press, submit
from console.routes._times import span_words
from console.routes._values import named_words
from console.routes.till import may_finish

ONE = "/bookings/{booking:int}"
MOST_HISTORY = 20
COMING = {Status.BOOKED, Status.CONFIRMED, Status.ARRIVED}
"""While it stands so, the desk is to know what the client holds."""
STEPS: dict[Status, str] = {
    Status.BOOKED: "words.step_booked",
    Status.CONFIRMED: "words.step_confirmed",
    Status.ARRIVED: "words.step_arrived",
    Status.FINISHED: "words.step_finished",
    Status.CANCELLED: "words.step_cancelled",
    Status.NO_SHOW: "words.step_no_show",
}
CANCELLERS: dict[CancelledBy, str] = {
    CancelledBy.CLIENT: "words.cancelled_by_client",
    CancelledBy.US: "words.cancelled_by_us",
}


async def title_of(one: BookingView) -> str:
    """A booking as a heading has it: whose, and when."""
    name = replace((await booking_names([one.id]))[one.id], time=None)
    return f"{named_words(name)}, {span_words(one.starts_at, one.ends_at, one.zone)}"


@get(ONE, opt=READ)
async def show(request: Req, booking: FromPath[int]) -> Response[Any]:
    one = await cards.booking(booking)
    form = Form.blank(request, "booking", await _note_fields(one), _noted(one), one.version)
    return await _show(request, one, form)


async def _note_fields(one: BookingView) -> tuple[f.Field, ...]:
    """What is noted of a booking. Its site stays to be chosen when it is no site of the client's any more."""
    known = [(str(site.id), site.words) for site in await parts.sites(one.client)]
    if one.site and str(one.site.id) not in {site for site, _ in known}:
        known.append((str(one.site.id), words.site_words(one.site.words)))
    choices = [("", i18n.gettext("words.site_none")), *known]
    site = f.choice("site", lambda: choices, required=False, label="field.booking_site")
    return site, words.note_field(), words.source_field(one.source)


def _noted(one: BookingView) -> dict[str, Any]:
    return {"note": one.note, "source": one.source.value, "site": one.site.id if one.site else ""}


async def _show(request: Req, one: BookingView, form: Form, status: int = 200) -> Response[Any]:
    title = await title_of(one)
    context = await _context(request, one, form)
    if wants_fragment(request) and request.headers.get("hx-target") == "panel" and status == 200:
        made = frame(request, title)
        made.panel = True
        return rendered("bookings/_panel.html", made, context, status=status)
    return await page(request, "bookings/booking.html", title, status=status, **context)


async def _context(request: Req, one: BookingView, form: Form) -> dict[str, Any]:
    client = await clients.client(one.client)
    may = request.user.actor.may(Permission.BOOKING_CHANGE) and one.retired_at is None
    visit = await visits.of_booking(one.id) if one.status is Status.FINISHED else None
    return {
        "booking": one,
        "base": words.url(one.id),
        "when": words.when_words(one),
        "client": None if client.erased_at else await _whom.client_words(client),
        "marks": await _loyalty.marks(request, client.id) if one.status in COMING and not client.erased_at else [],
        "stands": words.status_of(one.status, unsaid=one.unsaid),
        "items": _items(request, one),
        "price": words.price_words(map(words.priced, one.items)),
        "facts": _facts(request, one),
        "site": one.site,
        "over": _names.shown(request, one.overbooked) if one.overbooked else None,
        "absent": await _absent(one),
        "may_change": may,
        "next": _next(request, one, client) if may else {},
        "visit": visit,
        "tickets": await _tickets.about(request, one.id, visit),
        "policy": await _fees.policy(one.location, one.notice_hours) if Status.CANCELLED in LAWFUL[one.status] else "",
        "steps": await _steps(request, one),
        "fees": await _fees.of_booking(request, one.id),
        "link": _link(request, one) if may and client.erased_at is None else None,
        "form": form,
        "told": await _told(request, one.id),
        "day_url": await words.home_url(one),
        "of_series": await _series.of_booking(one.id) if one.retired_at is None else None,
    }


def _link(request: Req, one: BookingView) -> str | None:
    """By which the client answers without signing in, as long as they may."""
    answers = by_link.may_answer(one, clock.now())
    return links.url(request.app.state.settings, one.id, one.client) if answers else None


async def _absent(one: BookingView) -> list[str]:
    """Who of those that do it is away then, in words."""
    if one.retired_at or one.ends_at <= clock.now():
        return []
    return [away_words(away) for away in (await cards.absent([one.id])).get(one.id, ())]


def away_words(away: Absent) -> str:
    """That somebody is away while they are booked, or while they would still need for it."""
    return i18n.words("words.is_away_then" if away.inside else "words.is_away_around", {"who": away.who})


def _items(request: Req, one: BookingView) -> list[dict[str, str]]:
    return [
        {
            "name": _names.shown(request, item.names),
            "time": span_words(item.starts_at, item.ends_at, one.zone),
            "who": ", ".join(who.name for who in item.doers),
            "price": words.price_words([words.priced(item)]),
        }
        for item in one.items
    ]


def _facts(request: Req, one: BookingView) -> list[tuple[str, str]]:
    return [
        (i18n.gettext("field.location_of"), one.location_name),
        (i18n.gettext("field.came_by"), i18n.gettext(words.SOURCES[one.source])),
    ]


def _next(request: Req, one: BookingView, client: ClientView) -> dict[str, bool]:
    """Which steps may come next."""
    lawful = LAWFUL[one.status]
    return {
        "confirm": Status.CONFIRMED in lawful and not one.unsaid,
        "arrive": Status.ARRIVED in lawful and may_arrive(one.starts_at, clock.now(), one.zone) and not one.unsaid,
        "finish": may_finish(one) and client.erased_at is None and request.user.actor.may(Permission.VISIT_FINISH),
        "cancel": Status.CANCELLED in lawful,
        "no_show": Status.NO_SHOW in lawful and one.starts_at <= clock.now(),
        "move": one.status in MOVABLE,
        "bring_back": one.status in CALLED_OFF and client.erased_at is None,
    }


async def _steps(request: Req, one: BookingView) -> list[dict[str, Any]]:
    """How it came to where it stands: what, by whom, when, and why."""
    came = await cards.statuses(one.id)
    names = await team.names({step.actor for step in came})
    today = words.today(one.zone)
    return [
        {
            "what": _step_words(step, before),
            "who": _actors.actor_words(names, step.actor),
            "when": i18n.lately(step.at, one.zone, today),
            "why": _names.shown(request, step.reason) if step.reason else "",
            "late": step.late,
        }
        for before, step in zip((None, *came), came, strict=False)
    ]


def _step_words(step: Came, before: Came | None) -> str:
    if before and (before.status, step.status) == (Status.CONFIRMED, Status.BOOKED):
        return i18n.gettext("words.step_to_confirm")
    return i18n.gettext(CANCELLERS[step.cancelled_by] if step.cancelled_by else STEPS[step.status])


async def _told(request: Req, booking: int) -> list[dict[str, Any]]:
    """Everything that was done with it and its fees, the latest first; of what else an operation did nothing."""
    own = await cards.operations(booking, MOST_HISTORY)
    entries = await audit.entries(own)
    if fees := {one: keys for one, keys in (await fees_of(booking, MOST_HISTORY)).items() if one not in own}:
        entries += await audit.entries(list(fees), set().union(*fees.values()))
    latest = sorted(entries, key=lambda one: one.id, reverse=True)[:MOST_HISTORY]
    return await _timeline.rows(request, latest, _timeline.MOST_UNDOS)


@post(f"{ONE}/note", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def note(request: Req, booking: FromPath[int]) -> Response[Any]:
    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        return await _show(asked, await cards.booking(booking), form, status)

    async def act(intent: Intent, v: dict[str, Any]) -> Outcome[Any]:
        said = Source(v["source"]), v["note"], SiteId(int(v["site"])) if v.get("site") else None
        return await actions.change(intent, BookingId(booking), v["version"], *said)

    return await submit(
        request,
        "booking",
        await _note_fields(await cards.booking(booking)),
        act=act,
        show=again,
        then=back(request, words.url(booking)),
        saved=lambda _: _saved_note(booking),
        fresh=words.url(booking),
    )


async def _saved_note(booking: int) -> Saved:
    one = await cards.booking(booking)
    return Saved(_noted(one), one.version, one.operation)


@post(f"{ONE}/confirmation", opt=CHANGE)
async def confirmation(request: Req, booking: FromPath[int]) -> Response[Any]:
    """The client says that they come to the booking as it was read."""
    read = (await Form.read(request, "button", ())).version or 0
    url = back(request, words.url(booking))
    return await press(request, lambda intent: actions.confirm(intent, BookingId(booking), read), url)


@post(f"{ONE}/arrival", opt=CHANGE)
async def arrival(request: Req, booking: FromPath[int]) -> Response[Any]:
    """The client is there, for the booking as it was read."""
    read = (await Form.read(request, "button", ())).version or 0
    url = back(request, words.url(booking))
    return await press(request, lambda intent: actions.arrive(intent, BookingId(booking), read), url)


ROUTES = [show, note, confirmation, arrival]
