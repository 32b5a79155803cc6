"""The trail: what was done and what was refused, by whom and when; and undoing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.audit.refused import RefusedAttempts, refused_attempts
from console.domain.booking import former, series_views
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.undoing import SEVERAL
from console.domain.business import queries as business
from console.domain.errors import DomainError, HasDependants
from console.domain.ids import CLIENT_ACTOR, DEMO_ACTOR, SYSTEM_ACTOR, TERMINAL_ACTOR, OperationId
from console.domain.running import KINDS
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.team.throttles import SIGN_IN
from console.domain.undo import barred, offered, undo
from console.routes import _actors, _bookings, _trail, _undo_look, _values, undo_elsewhere
from console.routes._changes import Change
from console.routes._errors import words_of
from console.routes._guards import needs
from console.routes._listing import ON, Filter, Listing, asked
from console.routes._page import Req, back, page
from console.routes._submit import press
from console.routes._toasts import Link, Toast

PAGE = 50
MOST_IN_THE_WAY = 5
HISTORY = "/settings/history"
REFUSED = {"tab": "refused"}
OF_THE_DOOR = (
    "why.problem.sign_in",
    "why.problem.code",
    "why.account_closed",
    "why.problem.recovery_code",
    "why.refused.throttled",
)
"""Keys of the words for what the door adds to the refused attempts."""


THINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "bookings": ("words.thing_bookings", ("booking", "fee")),
    "series": ("words.thing_series", ("series",)),
    "visits": ("words.thing_visits", ("till", "visit")),
    "clients": (
        "words.thing_clients",
        ("client", "client_card", "client_consent", "client_contact", "client_note", "client_site", "message"),
    ),
    "team": ("words.thing_team", ("bookable", "crew", "skill")),
    "hours": ("words.thing_hours", ("schedule", "time_off")),
    "catalogue": ("words.thing_catalogue", ("category", "price", "product", "service")),
    "business": (
        "words.thing_business",
        ("business", "fee_rule", "import", "location", "message_choice", "message_text", "payment_method", "reason"),
    ),
    "holidays": ("words.thing_holidays", ("holiday",)),
    "loyalty": ("words.thing_loyalty", ("fixed_card", "loyalty", "membership", "print", "programme")),
    "tickets": (
        "words.thing_tickets",
        ("ticket", "ticket_category", "ticket_limit", "ticket_mail", "ticket_target", "ticket_view"),
    ),
    "accounts": ("words.thing_accounts", ("password", "profile", "session", "staff", "two_step")),
}
"""What the history is narrowed by: the key of its word, and the first parts of the kinds of operations about it."""


@get(HISTORY, opt=needs(Permission.AUDIT_READ))
async def history(request: Req) -> Response[Any]:
    of: Listing[Any] = replace(asked(request, (), await _filters(request)), q="", state=ON)
    if request.query_params.get("tab") == "refused":
        return await _refused(request, replace(of, besides=REFUSED))
    return await _done(request, of)


async def _filters(request: Req) -> list[Filter]:
    """What the history is narrowed by; what the demo did only where there is one."""
    demo = [DEMO_ACTOR] if request.scope["state"]["business"].demo else []
    actors = [CLIENT_ACTOR, SYSTEM_ACTOR, TERMINAL_ACTOR, *demo]
    others = [(str(actor), i18n.upper_first(_actors.actor_words({}, actor))) for actor in actors]
    people = [(str(staff), name) for staff, name in await team.everybody()]
    things = [(name, i18n.gettext(key)) for name, (key, _) in THINGS.items()]
    return [
        Filter("thing", i18n.gettext("words.filter_thing"), things),
        Filter("by", i18n.gettext("words.filter_by"), [*people, *others]),
        Filter("since", i18n.gettext("words.filter_since"), day=True),
        Filter("until", i18n.gettext("words.filter_until"), day=True),
    ]


def _wanted(request: Req, of: Listing[Any]) -> audit.Wanted:
    """Days are those of the business, the last one within."""
    zone = request.scope["state"]["business"].zone
    thing, actor, since, until = (of.chosen(name) for name in ("thing", "by", "since", "until"))
    return audit.Wanted(
        parts=THINGS[thing][1] if thing else None,
        actor=int(actor) if actor else None,
        since=clock.bounds(date.fromisoformat(since), zone)[0] if since else None,
        until=clock.bounds(date.fromisoformat(until), zone)[1] if until else None,
    )


async def _shown(
    request: Req,
    of: Listing[Any],
    older: int | None,
    *,
    entries: Sequence[Any] = (),
    refusals: Sequence[Any] = (),
) -> Response[Any]:
    """The page with `entries` or `refusals`, whose tabs and next page keep what was chosen."""
    return await page(
        request,
        "history/page.html",
        i18n.gettext("title.history"),
        asked=of,
        done_url=replace(of, besides={}).url(),
        refused_url=replace(of, besides=REFUSED).url(),
        narrowed="; ".join(_chosen(one) for one in of.filters if one.value),
        unfiltered=replace(of, filters=()).url(),
        older=of.url(before=str(older)) if older else None,
        entries=entries,
        refusals=refusals,
    )


def _chosen(one: Filter) -> str:
    """What is chosen of a filter, in words: Who: Anna Petrova, From: 12 May."""
    value = _values.date_words(date.fromisoformat(one.value)) if one.day else dict(one.choices)[one.value]
    return f"{i18n.upper_first(one.label)}: {value}"


async def _done(request: Req, of: Listing[Any]) -> Response[Any]:
    entries = await audit.trail(_wanted(request, of), before=of.before, most=PAGE)
    zone = request.scope["state"]["business"].zone
    said = await _trail.words((one.deed for one in entries), zone, entries)
    who = await _actors.who_by([one.actor for one in entries])
    where = await _where(entries)
    standing = await offered([one.id for one in entries], request.user.actor)
    bars = await _bars([one for one in entries if not one.undone and one.id not in standing], zone)
    rows = [
        {
            "entry": one,
            "who": i18n.gettext("words.at_sign_in") if one.deed.kind == "password.ask" else who(one.actor),
            "what": said.of(one.deed, entry=one.id),
            "url": _account(one.deed),
            "changes": [*said.changes(one), *where.get(one.id, ())],
            "time": i18n.moment(one.at, zone),
            "undoable": one.id in standing,
            "look": _undo_look.url_of(one.id, one.deed),
            "redo": one.deed.undos % 2 == 1,
            "bar": bars.get(one.id),
        }
        for one in entries
    ]
    return await _shown(request, of, entries[-1].id if len(entries) == PAGE else None, entries=rows)


async def _where(entries: Sequence[audit.Entry]) -> dict[int, list[Change]]:
    """Where public holidays were added, by operation: a location, or everywhere."""
    added = {one.id: one.deed.about[0][1] for one in entries if one.deed.kind == "holiday.add_public"}
    places = await business.holiday_places(list(added.values())) if added else {}
    label, everywhere = i18n.gettext("field.where"), i18n.gettext("words.everywhere")
    return {one: [Change(label, None, places[day] or everywhere)] for one, day in added.items() if day in places}


def _account(deed: audit.Deed) -> str | None:
    """The page of the account that a link was asked for at the door."""
    return next((f"/settings/staff/{of}" for _, of in deed.about), None) if deed.kind == "password.ask" else None


async def _bars(entries: Sequence[audit.Entry], zone: ZoneInfo) -> dict[int, str]:
    """Why undoing what stands is not offered, by operation, in words."""
    found = await barred([one.id for one in entries])
    named = await _trail.named_operations({bar.later[0] for bar in found.values() if bar.later}, zone)
    return {
        one: i18n.words("words.later_changed", {"what": named[bar.later[0]]})
        if bar.later
        else i18n.gettext("words.not_undoable")
        for one, bar in found.items()
    }


async def _refused(request: Req, of: Listing[Any]) -> Response[Any]:
    zone = request.scope["state"]["business"].zone
    refusals, first = await refused_attempts(zone, _wanted(request, of), before=of.before, most=PAGE)
    who = await _actors.who_by([one.actor for one in refusals])
    rows = [
        {
            **_tried(one, who),
            "why": i18n.gettext(f"why.{one.key}"),
            "times": i18n.words("words.times_since", {"count": one.times, "time": i18n.time_of_day(one.since, zone)})
            if one.times > 1
            else "",
            "time": i18n.moment(one.at, zone),
        }
        for one in refusals
    ]
    return await _shown(request, of, first, refusals=rows)


def _tried(one: RefusedAttempts, who: Callable[[int], str]) -> dict[str, str]:
    """Who tried what. Whoever stands at the door has not proved to be whom they name."""
    if one.kind != SIGN_IN:
        return {"who": who(one.actor), "what": i18n.gettext(f"tried.{one.kind}")}
    if one.actor == SYSTEM_ACTOR:
        what = i18n.gettext("words.tried_unknown_address")
    else:
        what = i18n.words("words.tried_as", {"name": who(one.actor)})
    return {"who": i18n.gettext("words.somebody"), "what": what}


@post("/operations/{operation:int}/undo", opt=needs(Permission.OPERATION_UNDO))
async def undoing(request: Req, operation: FromPath[int]) -> Response[Any]:
    """Undo an operation; the undo can be undone. What stands in the way is told on the page it was pressed on."""
    return await press(
        request,
        lambda intent: undo(intent, OperationId(operation)),
        partial(_back, request, operation),
        why=partial(_why, request),
        instead=partial(_another_place, operation),
    )


async def _back(request: Req, operation: int, _: object) -> str:
    """The page it was pressed on; from a series that the undo ended, the one that lives again."""
    url = back(request)
    found = re.fullmatch("/series/([0-9]{1,18})", url.partition("?")[0])
    lives = await series_views.lives_after(int(found[1]), operation) if found else None
    return f"/series/{lives}" if lives else url


async def _another_place(operation: int, refusal: DomainError) -> str | None:
    """Where a booking comes back at another place, once its own is taken: it was called off, or it was moved."""
    if not isinstance(refusal, PlaceTaken):
        return None
    deed = (await audit.deeds([operation]))[operation]
    if deed.kind in {"booking.cancel", "booking.no_show"}:
        return next((f"/bookings/{of}/return" for entity, of in deed.about if entity == "booking"), None)
    if not deed.kind.startswith("booking.") and deed.kind not in SEVERAL:
        return None
    moved = await former.places(operation)
    if deed.kind in SEVERAL and (len(moved) > 1 or any(one.gone for one in moved)):
        return undo_elsewhere.url(operation)
    return await _bookings.former_url(moved[0]) if moved else None


async def _why(request: Req, refusal: DomainError) -> Toast:
    """Why an undo was refused; where something later is in its way, who did what and when, and the way to it."""
    if not isinstance(refusal, HasDependants):
        return Toast(words_of(refusal), refused=True)
    words = i18n.words(refusal.key, {**refusal.params, "operations": await in_the_way(request, refusal)})
    url = url_of(refusal.operations[0][0])
    may = request.user.actor.may(Permission.AUDIT_READ)
    return Toast(words, refused=True, link=Link(i18n.gettext("words.in_the_history"), url) if may else None)


async def in_the_way(request: Req, refusal: HasDependants) -> str:
    """The later operations that an undo is refused for, the latest first and not too many of them."""
    ids = [number for number, _, _ in refusal.operations[:MOST_IN_THE_WAY]]
    return "; ".join(await lines(request, ids)) + "; …" * (len(refusal.operations) > len(ids))


async def lines(request: Req, operations: Sequence[int]) -> list[str]:
    """Operations, the latest first: Anna Petrova: changed phone numbers (today, 10:04).

    What was done is told to those who might do it themselves.
    """
    zone = request.scope["state"]["business"].zone
    entries = await audit.entries(operations)
    said = await _trail.words((one.deed for one in entries), zone, entries)
    who, today = await _actors.who_by([one.actor for one in entries]), clock.business_date(clock.now(), zone)
    lines = []
    for one in entries:
        may = request.user.actor.may(KINDS[one.deed.kind].permission)
        what = said.told(one) if may else i18n.gettext("words.a_later_change")
        line = i18n.words("words.told", {"who": i18n.upper_first(who(one.actor)), "what": what})
        lines.append(i18n.words("words.told_at", {"line": line, "time": i18n.lately(one.at, zone, today)}))
    return lines


def url_of(operation: int) -> str:
    """Where the history tells an operation."""
    return f"{HISTORY}?before={operation + 1}#operation-{operation}"


ROUTES = [history, undoing]
