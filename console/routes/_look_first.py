"""Forms whose consequences are shown before they are taken: found out by doing it and rolling back."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from litestar import Response

from console.domain.errors import DomainError, Forbidden, Invalid, Throttled
from console.domain.operation import Effect, Intent, Outcome
from console.domain.plain import canonical
from console.routes import _fields as f
from console.routes._errors import status_of
from console.routes._fields import Field
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._submit import Act, submit

EXPECTED = f.hidden("expected", required=False, limit=200, label="field.expected")
"""What was looked at, and what it would do."""

ShowLooked = Callable[[Req, Form, int, Sequence[Effect] | None], Awaitable[Response[Any]]]
"""Renders the form with what it would do; None: that is not known yet."""


@dataclass(frozen=True)
class _Look:
    request: Req
    act: Act

    async def take(self, form: Form, values: Mapping[str, Any]) -> Outcome[Any]:
        """Do it and roll back; the form remembers what came of it."""
        asked = replace(form.intend(self.request.user.actor), id=uuid4(), preview=True)
        outcome = await self.act(asked, dict(values))
        form.texts["expected"] = [f"{_digest(values)}.{outcome.fingerprint}"]
        return outcome


def _digest(values: Mapping[str, Any]) -> str:
    typed = {name: value for name, value in values.items() if name not in ("expected", "version")}
    return hashlib.sha256(canonical(typed)).hexdigest()[:16]


async def look_first(
    request: Req,
    name: str,
    spec: Sequence[Field],
    *,
    act: Act,
    show: ShowLooked,
    then: str | Callable[[Any], str],
) -> Response[Any]:
    """Show what a form would do; once it was seen, and nothing was typed since, do it.

    `act` as of `submit`; the form's fields include `EXPECTED`. Where by now it would do something else, that is shown.
    """
    look = _Look(request, act)

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        """A form that was refused, with what it would do now if it can be done."""
        effects, refusal = None, form.refusal
        form.refusal = None
        with suppress(DomainError):
            effects = (await look.take(form, form.check())).effects if not form.problems else None
        form.refusal = refusal
        return await show(asked, form, status, effects)

    form = await Form.read(request, name, spec)
    try:
        values = form.check()
        seen, _, fingerprint = (values["expected"] or "").partition(".")
        if seen != _digest(values):
            return await show(request, form, 200, (await look.take(form, values)).effects)
    except Invalid as wrong:
        form.note(wrong)
        return await show(request, form, status_of(wrong), None)
    except (Forbidden, Throttled):
        raise
    except DomainError as refusal:
        form.note(refusal)
        return await show(request, form, status_of(refusal), None)

    async def meant(intent: Intent, given: dict[str, Any]) -> Outcome[Any]:
        return await act(replace(intent, expected=fingerprint), given)

    return await submit(request, name, spec, act=meant, show=again, then=then)
