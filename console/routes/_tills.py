"""The till in words: what a line expects, what a move was, and the form that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.booking import ahead, cards, reasons
from console.domain.booking.rules import ReasonUse
from console.domain.business.queries import LocationView, locations
from console.domain.clients import queries as clients
from console.domain.ids import ClientId, LocationId, ReasonId
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.visits.fees_rules import Cause
from console.domain.visits.tills import Count
from console.domain.visits.tills_queries import CloseView, Counted, Line, Move, Open
from console.routes import _actors, _bookings, _called, _names
from console.routes import _fields as f
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._times import time_words
from console.routes._values import date_words

MINUS = "\u2212"
WHAT = {
    (Cause.LATE_CANCELLATION, True): "words.cash_late_cancellation",
    (Cause.LATE_CANCELLATION, False): "words.cash_late_cancellation_back",
    (Cause.NO_SHOW, True): "words.cash_no_show",
    (Cause.NO_SHOW, False): "words.cash_no_show_back",
    ("tip", True): "words.cash_tip",
    ("tip", False): "words.cash_tip_back",
    ("debt", True): "words.cash_debt",
    ("visit", True): "words.cash_visit",
    ("visit", False): "words.cash_visit_back",
}
"""Keys of the words for money, by what it is for and whether it came in."""


def signed(name: str, currency: str, **options: Any) -> f.Field:
    """An amount that may be below 0: more went out than came in."""
    plain = f.money(name, currency, **options)

    def read(typed: str) -> int:
        bare = typed.lstrip(f"-{MINUS} ")
        return -int(plain.read(bare)) if bare != typed else int(plain.read(typed))

    return replace(plain, read=read)


async def fields(request: Req, till: Open) -> tuple[f.Field, ...]:
    """What was counted by each line, what of it stays in the drawer, and why it is another sum."""
    known = [one for one in await reasons.reasons(ReasonUse.TILL) if one.retired_at is None]
    choices = [("", i18n.gettext("words.choose")), *((str(one.id), _names.shown(request, one.names)) for one in known)]
    found: list[f.Field] = [f.hidden("seen", required=False, label="field.expected")]
    for at, line in enumerate(till.lines, 1):
        of = {"method": _names.shown(request, line.names)}
        found.append(signed(f"counted_{at}", line.currency, label="field.till_counted", params=of))
        if line.drawer:
            found.append(f.money(f"leaves_{at}", line.currency, required=False, label="field.till_leaves", params=of))
        found.append(f.choice(f"reason_{at}", lambda: choices, required=False, label="field.till_why", params=of))
    return tuple(found)


def likely(till: Open) -> dict[str, Any]:
    """What the form begins with: nothing for a drawer, which is counted; what is expected of anything else."""
    return {f"counted_{at}": line.expected for at, line in enumerate(till.lines, 1) if not line.drawer}


def counts(till: Open, values: Mapping[str, Any]) -> tuple[Count, ...]:
    """What was typed. Of a drawer all stays where nothing is said."""
    found = []
    for at, line in enumerate(till.lines, 1):
        counted, reason = values[f"counted_{at}"], values[f"reason_{at}"]
        stays = values.get(f"leaves_{at}")
        leaves = (max(counted, 0) if stays is None else stays) if line.drawer else 0
        found.append(Count(counted, leaves, ReasonId(int(reason)) if reason else None))
    return tuple(found)


def rows(request: Req, till: Open, form: Form) -> list[dict[str, Any]]:
    """The lines of the form; `differs` where what was typed is another sum."""
    usable = form.usable()
    bound = form.fields
    return [
        {
            "method": _names.shown(request, line.names),
            "opening": _money(line.opening, line) if line.drawer else "",
            "taken": _money(line.taken, line),
            "expected": _money(line.expected, line),
            "counted": bound[f"counted_{at}"],
            "leaves": bound[f"leaves_{at}"] if line.drawer else None,
            "reason": bound[f"reason_{at}"],
            "differs": _difference(usable.get(f"counted_{at}"), line),
        }
        for at, line in enumerate(till.lines, 1)
    ]


def _money(minor: int, of: Line | Counted) -> str:
    return i18n.money(minor, of.currency)


def _difference(counted: int | None, line: Line) -> str:
    return difference_words(counted - line.expected, line.currency) if counted is not None else ""


def difference_words(minor: int, currency: str) -> str:
    """So much too much or missing: +100 ₽, −100 ₽; nothing where it is right."""
    return f"{'+' if minor > 0 else ''}{i18n.money(minor, currency)}" if minor else ""


async def chosen(request: Req) -> tuple[LocationView | None, list[LocationView]]:
    """The location that an address names (`?location=`), else the first that is open; and all there are to choose."""
    known = await locations()
    named = f.as_id(request.query_params.get("location", ""))
    usual = next((one for one in known if one.retired_at is None), known[0] if known else None)
    return next((one for one in known if one.id == named), usual), known


def day_of(request: Req, zone: ZoneInfo) -> date:
    """The date that an address names (`?on=`), else today there."""
    try:
        return f.day("on").value([request.query_params.get("on", "")]) or clock.business_date(clock.now(), zone)
    except f.Bad:
        return clock.business_date(clock.now(), zone)


async def moves(request: Req, found: Sequence[Move], zone: ZoneInfo) -> list[dict[str, Any]]:
    """The lines of a cashbook."""
    seen = await clients.clients([ClientId(one) for one in {move.client for move in found} if one is not None])
    called = {one.id: _called.name(one) for one in seen}
    staff = await team.names({move.actor for move in found})
    return [
        {
            "time": time_words(move.at, zone),
            "what": what_words(move),
            "url": move_url(request, move),
            "why": _names.shown(request, move.reason) if move.reason else "",
            "mark": mark_words(move),
            "client": called.get(ClientId(move.client), "") if move.client else i18n.gettext("Walk-in"),
            "client_url": f"/clients/{move.client}" if move.client else "",
            "method": _names.shown(request, move.method),
            "money": i18n.money(move.minor, move.currency),
            "amount": i18n.major(move.minor, move.currency),
            "currency": move.currency,
            "who": _actors.actor_words(staff, move.actor),
        }
        for move in found
    ]


def what_words(move: Move) -> str:
    """What money was for: Visit 12, its debt, Tip, visit 12, a fee of a date; given back; of an undo what it undid."""
    came = (move.minor > 0) != (move.undos % 2 == 1)
    if move.cause and move.on:
        return i18n.words(WHAT[move.cause, came], {"day": date_words(move.on)})
    owed = move.later and came and not move.undos
    return i18n.words(WHAT["tip" if move.tip else "debt" if owed else "visit", came], {"number": str(move.number)})


def move_url(request: Req, move: Move) -> str:
    """The visit, or the booking of the fee, as far as somebody may read it."""
    may = request.user.actor.may
    if move.visit:
        return f"/visits/{move.visit}" if may(Permission.VISIT_READ) else ""
    return f"/bookings/{move.booking}" if may(Permission.BOOKING_READ) else ""


def mark_words(move: Move) -> str:
    """Whether a move was undone, or is the undo of another or that one again; nothing for any other."""
    if move.undos % 2:
        return i18n.gettext("words.cash_undo")
    if move.undone:
        return i18n.gettext("undone")
    return i18n.gettext("words.cash_redone") if move.undos else ""


def totals(request: Req, found: Sequence[Move]) -> list[tuple[str, str]]:
    """What came in, less what went out, by method and currency."""
    sums: dict[tuple[str, str], int] = {}
    for move in found:
        key = _names.shown(request, move.method), move.currency
        sums[key] = sums.get(key, 0) + move.minor
    return [(method, i18n.money(minor, currency)) for (method, currency), minor in sums.items()]


async def left(request: Req, location: LocationId, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The visits of today that are not finished: nothing of theirs is in the till yet."""
    now = clock.now()
    found = await cards.those(await ahead.unfinished(location, clock.business_date(now, zone), zone, now))
    names = await _bookings.names(found)
    return [
        {**_bookings.line(request, one), "name": names[one.client], "time": time_words(one.starts_at, one.zone)}
        for one in found
    ]


async def left_then(one: CloseView) -> list[tuple[str, str]]:
    """How many visits of the date a close left unfinished, where it did."""
    then = (await audit.deeds([one.operation]))[one.operation].effects.get("words.till_unfinished")
    return (
        [(i18n.gettext("Not finished then"), i18n.words("words.till_left", {"count": then["count"]}))] if then else []
    )


def _since(one: CloseView) -> list[tuple[str, str]]:
    """From when on a close counts what came in: the one before, else the first money that there was."""
    previous = i18n.moment(one.from_at, one.zone) if one.from_at else i18n.gettext("none before")
    found = [(i18n.gettext("Previous close"), previous)]
    if one.first:
        found.append((i18n.gettext("Counts since"), i18n.moment(one.first, one.zone)))
    return found


async def close_row(request: Req, one: CloseView) -> dict[str, Any]:
    """A close in words."""
    who = _actors.actor_words(await team.names({one.actor}), one.actor)
    at = i18n.moment(one.to_at, one.zone)
    return {
        "id": one.id,
        "url": f"/tills/{one.id}",
        "at": at,
        "who": who,
        "facts": [(i18n.gettext("Signed by"), who), (i18n.gettext("Closed"), at), *_since(one)],
        "differs": [words for each in one.counts if (words := difference_words(each.differs, each.currency))],
        "counts": [
            {
                "method": _names.shown(request, each.names),
                "opening": _money(each.opening, each) if each.drawer else "",
                "taken": _money(each.taken, each),
                "expected": _money(each.expected, each),
                "counted": _money(each.counted, each),
                "differs": difference_words(each.differs, each.currency),
                "reason": _names.shown(request, each.reason) if each.reason else "",
                "leaves": _money(each.leaves, each) if each.drawer else "",
            }
            for each in one.counts
        ],
    }
