"""What clients are told, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain.errors import Invalid, Problem
from console.domain.intent import Intent, Outcome
from console.domain.messages import settings
from console.domain.messages.rules import AUTOMATIC, MessageKind
from console.domain.messages.settings_queries import chosen
from console.domain.messages.settings_rules import (
    LONGEST_DAYS,
    LONGEST_MINUTES,
    MOST_REMINDERS,
    MOST_SATISFACTION,
    MOST_THANKS,
    MessageSettings,
    Reminder,
)
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Bound, Form
from console.routes._guards import needs
from console.routes._message_words import MESSAGES
from console.routes._page import Req, page
from console.routes._repeated import Repeated
from console.routes._submit import Saved, submit

URL = "/settings/messages"
OPT = needs(Permission.BUSINESS_CHANGE)
LOYAL = ("tier.", "free_visit.")
MOST_A_DAY = 1_000_000
NONE = "none"
MORNING = 10 * 60
"""The minute of the day that is offered for a reminder."""
HALF_HOURS = range(0, 24 * 60, 30)
DAYS, HOURS, MINUTES = "days", "hours", "minutes"
UNITS = {DAYS: "words.reminder_days", HOURS: "words.reminder_hours", MINUTES: "words.reminder_minutes"}


def _told(kind: MessageKind) -> str:
    """The name of the field that says whether a kind is told."""
    return f"told_{kind.replace('.', '_')}"


def _units() -> Sequence[tuple[str, str]]:
    return [(unit, i18n.gettext(key)) for unit, key in UNITS.items()]


def _times() -> Sequence[tuple[str, str]]:
    return [(str(minute), i18n.clock(minute)) for minute in HALF_HOURS]


def _reminded() -> Sequence[tuple[str, str]]:
    return [(str(minute), i18n.words("words.reminder_at", {"time": i18n.clock(minute)})) for minute in HALF_HOURS]


def _quiet() -> Sequence[tuple[str, str]]:
    return [(NONE, i18n.gettext("words.no_quiet_hours")), *_times()]


REMINDERS = Repeated(
    "reminders",
    "field.reminders",
    MOST_REMINDERS,
    (
        f.choice("unit", _units, label="field.reminder_unit"),
        f.whole("count", 0, LONGEST_MINUTES, label="field.reminder_count"),
        f.choice("at", _reminded, label="field.reminder_at"),
    ),
)
FIELDS = (
    *(f.tick(_told(kind), label=MESSAGES[kind]) for kind in AUTOMATIC),
    *REMINDERS.spec,
    f.choice("quiet_from", _quiet, label="field.quiet_from"),
    f.choice("quiet_until", _quiet, label="field.quiet_until"),
    f.whole("per_client", 0, MOST_A_DAY, label="field.per_client"),
    f.whole("per_day", 0, MOST_A_DAY, label="field.per_day"),
    f.of(
        MESSAGES[MessageKind.VISIT_THANKS],
        f.whole(
            "thanks", 0, MOST_THANKS, label="field.thanks_hours", hint="hint.thanks_hours", params={"high": MOST_THANKS}
        ),
    ),
    f.of(
        MESSAGES[MessageKind.TICKET_SATISFACTION],
        f.whole(
            "satisfaction",
            1,
            MOST_SATISFACTION,
            label="field.thanks_hours",
            hint="hint.satisfaction_hours",
            params={"high": MOST_SATISFACTION},
        ),
    ),
)


async def _show(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(
        request,
        "messages/settings.html",
        i18n.gettext("title.message_choice"),
        status=status,
        form=form,
        of_bookings=_ticks(form, "booking."),
        of_loyalty=_ticks(form, *LOYAL),
        of_tickets=form.fields[_told(MessageKind.TICKET_SATISFACTION)],
        of_visits=form.fields[_told(MessageKind.VISIT_THANKS)],
        reminders=[list(group) for _, group in groupby(_rows(form), key=lambda one: one.row)],
    )


def _ticks(form: Form, *begins: str) -> list[Bound]:
    return [form.fields[_told(kind)] for kind in AUTOMATIC if kind.startswith(begins)]


def _rows(form: Form) -> list[Bound]:
    """The fields of the reminders, those of a row side by side."""
    return [form.fields[one.name] for one in REMINDERS.spec]


async def _saved() -> Saved:
    stands = await chosen()
    it = stands.settings
    is_quiet = it.quiet_from != it.quiet_until
    values = {
        **{_told(kind): kind not in it.off for kind in AUTOMATIC},
        **REMINDERS.values([*(_row(one) for one in it.reminders), *[_EMPTY] * MOST_REMINDERS]),
        "quiet_from": str(it.quiet_from) if is_quiet else NONE,
        "quiet_until": str(it.quiet_until) if is_quiet else NONE,
        "per_client": it.per_client,
        "per_day": it.per_day,
        "thanks": it.thanks,
        "satisfaction": it.satisfaction,
    }
    return Saved(values, stands.version, stands.operation, i18n.gettext("title.message_choice"))


_EMPTY = {"count": None, "unit": DAYS, "at": str(MORNING)}


def _row(one: Reminder) -> dict[str, Any]:
    if one.days is not None:
        return {"count": one.days, "unit": DAYS, "at": str(one.minutes)}
    hours, rest = divmod(one.minutes, 60)
    return {"count": one.minutes if rest else hours, "unit": MINUTES if rest else HOURS, "at": str(MORNING)}


def _reminder(row: Mapping[str, Any]) -> Reminder | None:
    """What a row means; None where it is too long before, or no time at all."""
    count, unit = row["count"], row["unit"] or DAYS
    if unit == DAYS:
        return Reminder(count, int(row["at"] or MORNING)) if count <= LONGEST_DAYS else None
    minutes = count * 60 if unit == HOURS else count
    return Reminder(None, minutes) if 0 < minutes <= LONGEST_MINUTES else None


def _reminders(values: Mapping[str, Any]) -> tuple[list[Reminder], dict[str, Problem]]:
    """The reminders, and what is wrong with the rows that mean nothing, or the same as a row before."""
    found: list[Reminder] = []
    wrong: dict[str, Problem] = {}
    for number in range(1, MOST_REMINDERS + 1):
        row = {one.name: values[f"reminders_{number}_{one.name}"] for one in REMINDERS.fields}
        if row["count"] is None:
            continue
        one = _reminder(row)
        if one is None:
            wrong[f"reminders_{number}_count"] = Problem("problem.reminder", {"days": LONGEST_DAYS, "hours": 48})
        elif one in found:
            wrong[f"reminders_{number}_count"] = Problem("problem.twice")
        else:
            found.append(one)
    return found, wrong


async def _choose(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
    quiet = [values["quiet_from"], values["quiet_until"]]
    reminders, wrong = _reminders(values)
    if quiet.count(NONE) == 1:
        wrong["quiet_from" if quiet[0] == NONE else "quiet_until"] = Problem("problem.quiet_half")
    if wrong:
        raise Invalid(wrong)
    start, end = (0 if one == NONE else int(one) for one in quiet)
    told = MessageSettings(
        off=frozenset(kind for kind in AUTOMATIC if not values[_told(kind)]),
        reminders=tuple(reminders),
        quiet_from=start,
        quiet_until=end,
        per_client=values["per_client"],
        per_day=values["per_day"],
        thanks=values["thanks"],
        satisfaction=values["satisfaction"],
    )
    return await settings.choose(intent, values["version"], told)


@get(URL, opt=OPT)
async def choice(request: Req) -> Response[Any]:
    """The form as it stands."""
    saved = await _saved()
    return await _show(request, Form.blank(request, "message_choice", FIELDS, saved.values, saved.version))


@post(URL, opt=OPT, request_max_body_size=FORM_LIMIT)
async def choose(request: Req) -> Response[Any]:
    """Save it."""
    return await submit(
        request,
        "message_choice",
        FIELDS,
        act=_choose,
        show=_show,
        then=URL,
        saved=lambda _: _saved(),
        fresh=URL,
    )


ROUTES = [choice, choose]
