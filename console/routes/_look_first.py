"""Forms whose consequences are shown before they are taken: found out by doing it and rolling back."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from litestar import Response

from console.domain import clock
from console.domain.errors import Changed, DomainError, Forbidden, Invalid, Throttled
from console.domain.intent import Effect, Intent, Outcome
from console.domain.operation import done_before
from console.domain.plain import canonical
from console.routes import _fields as f
from console.routes import _news
from console.routes._errors import status_of
from console.routes._fields import Field
from console.routes._forms import Form
from console.routes._page import Req, done
from console.routes._submit import Act, following, submit

EXPECTED = f.hidden("expected", required=False, limit=200, label="field.expected")
"""What was looked at, and what it would do."""

ShowLooked = Callable[[Req, Form, int, Sequence[Effect] | None], Awaitable[Response[Any]]]
"""Renders the form with what it would do; None: that is not known yet."""


@dataclass(frozen=True)
class Choosing:
    """Fields in which one chooses among what a look offered: what is chosen there needs no look of its own.

    `field`: whether a name is one of them; `without`: those whose choice, by the effects, finds no place after all.
    """

    field: Callable[[str], bool]
    without: Callable[[Sequence[Effect]], Collection[str]]

    def chosen(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if self.field(name) and value is not None}

    def besides(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if not self.field(name)}


NOTHING = Choosing(lambda _: False, lambda _: ())


@dataclass(frozen=True)
class _Look:
    request: Req
    act: Act
    choosing: Choosing

    def seen(self, values: Mapping[str, Any]) -> str:
        """Which form was looked at, and what was chosen in it then."""
        return f"{_digest(self.choosing.besides(values))}.{_digest(self.choosing.chosen(values))}"

    def looked_at(self, values: Mapping[str, Any], seen: str) -> dict[str, Any] | None:
        """The form as it was looked at, where since then places were chosen in it: one more, or all of them."""
        chosen, others = self.choosing.chosen(values), self.choosing.besides(values)
        before = [{name: value for name, value in chosen.items() if name != one} for one in chosen]
        return next((others | those for those in (*before, {}) if self.seen(others | those) == seen), None)

    async def stands(self, form: Form, values: Mapping[str, Any], fingerprint: str) -> None:
        """What was looked at is still as it was. Raises `Changed`."""
        asked = replace(form.intend(self.request.user.actor), id=uuid4(), preview=True)
        if (await self.act(asked, dict(values))).fingerprint != fingerprint:
            raise Changed

    async def take(self, form: Form, values: Mapping[str, Any]) -> Outcome[Any]:
        """Do it and roll back; the form remembers what came of it, and how clients would hear of that."""
        meant = form.intend(self.request.user.actor)
        asked = replace(meant, id=uuid4(), preview=True, peek=partial(_news.heard, self.request))
        outcome = await self.act(asked, dict(values))
        form.heard = outcome.seen
        form.texts["expected"] = [f"{self.seen(values)}.{outcome.fingerprint}"]
        return outcome


def looking(request: Req) -> Intent:
    """To look what something would do, without doing it, and how clients would hear of it."""
    return Intent(uuid4(), request.user.actor, clock.now(), preview=True, peek=partial(_news.heard, request))


def _digest(values: Mapping[str, Any]) -> str:
    typed = {name: value for name, value in values.items() if name not in ("expected", "version")}
    return hashlib.sha256(canonical(typed)).hexdigest()[:16]


async def looked_at_first(request: Req, form: Form, *, act: Act, show: ShowLooked) -> Response[Any]:
    """A form in which nothing is to be typed, with what it would do, or with why that cannot be; as of `look_first`."""
    try:
        effects = (await _Look(request, act, NOTHING).take(form, form.check())).effects
    except (Forbidden, Throttled):
        raise
    except DomainError as refusal:
        form.note(refusal)
        return await show(request, form, status_of(refusal), None)
    return await show(request, form, 200, effects)


async def look_first(
    request: Req,
    name: str,
    spec: Sequence[Field],
    *,
    act: Act,
    show: ShowLooked,
    then: str | Callable[[Any], str],
    choosing: Choosing = NOTHING,
) -> Response[Any]:
    """Show what a form would do; once it was seen, and nothing was typed since, do it with what was chosen there.

    `act` as of `submit`; the form's fields include `EXPECTED`. Where by now it would do something else, that is shown.
    """
    look = _Look(request, act, choosing)

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        """A form that was refused, with what it would do now if it can be done."""
        effects, refusal = None, form.refusal
        form.refusal = None
        with suppress(DomainError):
            effects = (await look.take(form, form.check())).effects if not form.problems else None
        form.refusal = refusal
        return await show(asked, form, status, effects)

    form = await Form.read(request, name, spec)
    if before := await done_before(form.intend(request.user.actor)):
        return done(request, await following(then, before), before)
    try:
        values = form.check()
        seen, _, fingerprint = (values["expected"] or "").rpartition(".")
        if seen != look.seen(values):
            looked = look.looked_at(values, seen)
            if looked is None:
                return await show(request, form, 200, (await look.take(form, values)).effects)
            await look.stands(form, looked, fingerprint)
            would = await look.take(form, values)
            if lost := choosing.chosen(values).keys() & set(choosing.without(would.effects)):
                form.texts.update({name: [] for name in lost})
                return await show(request, form, 200, (await look.take(form, form.check())).effects)
            fingerprint = would.fingerprint
    except Invalid as wrong:
        form.note(wrong)
        return await show(request, form, status_of(wrong), None)
    except (Forbidden, Throttled):
        raise
    except Changed as changed:
        form.note(changed)
        return await again(request, form, status_of(changed))
    except DomainError as refusal:
        form.note(refusal)
        return await show(request, form, status_of(refusal), None)

    async def meant(intent: Intent, given: dict[str, Any]) -> Outcome[Any]:
        return await act(replace(intent, expected=fingerprint), given)

    return await submit(request, name, spec, act=meant, show=again, then=then)
