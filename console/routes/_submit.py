"""A form sent: read it, do it, and answer in one of four ways (done, wrong fields, a collision, refused)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import uuid4

from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import ClientException

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.errors import Busy, DomainError, Forbidden, IntentReused, Invalid, NotFound, Stale, Throttled
from console.domain.intent import Intent, Outcome
from console.domain.operation import done_before
from console.domain.team import queries as team
from console.routes import _actors, _merging
from console.routes._errors import error_page, refused, status_of, words_of
from console.routes._fields import Field
from console.routes._forms import Bound, Form
from console.routes._merging import Side
from console.routes._page import Req, back, done, shown_again
from console.routes._toasts import Toast

Act = Callable[[Intent, dict[str, Any]], Awaitable[Outcome[Any]]]
Show = Callable[[Req, Form, int], Awaitable[Response[Any]]]
Then = str | Callable[[Any], str | Awaitable[str]]
"""The page that follows, or what finds it by the result of the use case."""


@dataclass(frozen=True)
class Saved:
    """An entity as it stands: the values of its form, its version, the operation that saved it, and its name.

    `note`: what is to be known to choose between it and what was typed, in words.
    """

    values: Mapping[str, Any]
    version: int
    operation_id: int
    name: str = ""
    note: str = ""


async def submit(
    request: Req,
    name: str,
    spec: Sequence[Field],
    *,
    act: Act,
    show: Show,
    then: Then,
    saved: Callable[[Any], Awaitable[Saved]] | None = None,
    fresh: str | Callable[[Any], str] = "",
    cookies: Sequence[Cookie] = (),
) -> Response[Any]:
    """Take a form through its use case.

    `act(intent, values)` gets the value of every field, and as `version` the one the form was
    rendered with (0, which nothing has, where it is missing). `show(request, form, status)` renders
    the form again with its problems; `then` is the page that follows. `saved(ids)` loads what stands
    now for a collision (ids: the result of what the same intent already did, else None), and `fresh`
    is the page that shows it.
    """
    form = await Form.read(request, name, spec)
    if before := await done_before(form.intend(request.user.actor)):
        return done(request, await following(then, before), before, cookies=cookies)
    values: dict[str, Any] = {}
    try:
        values = {**form.check(), "version": form.version or 0}
        outcome = await act(form.intend(request.user.actor), values)
    except (Stale, IntentReused) as collision:
        if saved is None:
            return refused(request, collision)
        return await _collision(request, form, values, collision, saved, fresh)
    except DomainError as error:
        if isinstance(error, Forbidden | Throttled) and not isinstance(error, Invalid):
            raise
        form.note(error)
        return await show(request, form, status_of(error))
    return done(request, await following(then, outcome), outcome, cookies=cookies)


async def following(then: Then, outcome: Outcome[Any]) -> str:
    """The page that follows what was done."""
    url = then(outcome.result) if callable(then) else then
    return url if isinstance(url, str) else await url


async def _collision(
    request: Req,
    form: Form,
    values: Mapping[str, Any],
    collision: Stale | IntentReused,
    saved: Callable[[Any], Awaitable[Saved]],
    fresh: str | Callable[[Any], str],
) -> Response[Any]:
    """Both versions put together: who changed what, and a choice where both changed the same."""
    ids = await audit.result(collision.operation_id) if isinstance(collision, IntentReused) else None
    try:
        stands = await saved(ids)
    except (KeyError, TypeError):  # the intent belongs to another kind of form, whose ids say nothing here
        return refused(request, collision)
    theirs = Form.blank(request, form.name, form.spec, stands.values)
    rows = _rows(form, theirs, Form.blank(request, form.name, form.spec, values))
    form.intent, form.version, form.was = str(uuid4()), stands.version, _merging.marks(form.spec, theirs.texts)
    by = await audit.by(stands.operation_id)
    names = await team.names([by.actor])
    own = by.actor == request.user.staff
    who = _actors.actor_words(names, by.actor)
    zone = request.scope["state"]["business"].zone
    time = i18n.lately(by.at, zone, clock.business_date(clock.now(), zone))
    conflict = {
        "name": stands.name,
        "note": stands.note,
        "asked": [row for row in rows if row.side is Side.ASKED],
        "taken": [row for row in rows if row.side in {Side.MINE, Side.THEIRS}],
        "same": [row for row in rows if row.side is Side.SAME],
        "own": own,
        "said": i18n.words("words.changed_in_another_tab", {"time": time}) if own else None,
        "theirs": i18n.words("words.saved_by_you" if own else "words.saved_by", {"name": who, "time": time}),
        "form": form,
        "action": request.url.path,
        "fresh_url": (fresh(ids) if callable(fresh) else fresh) or request.url.path,
    }
    return error_page(request, 409, conflict=conflict)


@dataclass(frozen=True)
class _Row:
    """A part of a form in two versions, in words; `theirs_fields`: the names and texts to send if theirs is taken."""

    key: str
    label: str
    theirs: str
    mine: str
    side: Side
    theirs_fields: Sequence[tuple[str, str]]


def _rows(form: Form, theirs: Form, mine: Form) -> list[_Row]:
    """Every part in both versions; the form takes over what only the others changed."""
    sides = _merging.sides(form.spec, form.was, theirs.texts, mine.texts)
    stand, typed = told(theirs), told(mine)
    rows = []
    for key, fields in _merging.parts(form.spec).items():
        if sides[key] is Side.THEIRS:
            form.texts.update({one.name: theirs.texts[one.name] for one in fields})
        sent = [(one.name, text) for one in fields for text in theirs.texts[one.name]]
        rows.append(_Row(key, *stand[key], typed[key][1], sides[key], sent))
    return rows


def told(form: Form) -> dict[str, tuple[str, str]]:
    """The label and the words of each part; of a repeated group its own label, and a line for each of its rows."""
    found: dict[str, tuple[str, str]] = {}
    bounds = form.fields
    for key, fields in _merging.parts(form.spec).items():
        rows = groupby((bounds[one.name] for one in fields), key=lambda bound: bound.row)
        lines = (", ".join(filter(None, map(_labelled, row))) for _, row in rows)
        first = bounds[fields[0].name]
        found[key] = (first.group or first.label, "\n".join(filter(None, lines)))
    return found


def _labelled(bound: Bound) -> str:
    words = _words(bound)
    return f"{bound.label}: {words}" if bound.labelled and words else words


def _words(bound: Bound) -> str:
    if bound.kind == "date" and bound.value and not bound.plain:
        return i18n.short_day(date.fromisoformat(bound.value))
    if bound.kind == "checkbox":
        return i18n.gettext("words.yes" if bound.value else "words.no")
    if bound.options:
        return i18n.listing([option.label for option in bound.options if option.selected]) or str(bound.value)
    return str(bound.value)


async def press(
    request: Req,
    act: Callable[[Intent], Awaitable[Outcome[Any]]],
    then: Then,
    *,
    why: Callable[[DomainError], Awaitable[Toast]] | None = None,
    instead: Callable[[DomainError], Awaitable[str | None]] | None = None,
) -> Response[Any]:
    """A form that is only a button: do it and go on.

    A refusal is told on the page that the button stands on, as `why` has it where it is given; or a page that helps
    further is opened `instead`.
    """
    form = await Form.read(request, "button", ())
    if form.refusal:
        raise ClientException("the button's form is damaged")
    try:
        outcome = await act(form.intend(request.user.actor))
    except (NotFound, Forbidden, Busy, Throttled):
        raise
    except DomainError as refusal:
        if instead and (elsewhere := await instead(refusal)):
            return done(request, elsewhere)
        toast = await why(refusal) if why else Toast(words_of(refusal), refused=True)
        url, status = back(request, ""), status_of(refusal)
        again = await shown_again(request, url, toast, status) if url else None
        return again or error_page(request, status, problem=toast.text, link=toast.link)
    return done(request, await following(then, outcome), outcome)
