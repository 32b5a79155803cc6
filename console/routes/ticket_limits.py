"""How much each role may give by tickets in a month before a second person is asked."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets.remedies import limits
from console.domain.tickets.remedies.rules import Limit
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._submit import Saved, submit

LIMITS = "/settings/tickets/limits"
OPT = needs(Permission.TICKET_SETTINGS)
PARTS = {"minor": "field.limit_minor", "stamps": "field.limit_stamps", "tiers": "field.limit_tiers"}
"""What is limited, and the keys of the labels."""


def _fields(currency: str) -> tuple[f.Field, ...]:
    """By role: money, stamps and tiers; nothing said means no limit."""
    return tuple(
        f.of(
            f"role.{role}",
            f.money(f"{role}_{part}", currency, required=False, label=label)
            if part == "minor"
            else f.whole(f"{role}_{part}", 0, limits.MOST, required=False, label=label),
        )
        for role in limits.ROLES
        for part, label in PARTS.items()
    )


async def _saved() -> Saved:
    stands = await limits.view()
    values = {f"{role}_{part}": getattr(limit, part) for role, limit in stands.by_role.items() for part in PARTS}
    return Saved(values, stands.versions, stands.operation)


async def _show(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(
        request,
        "ticket_settings/limits.html",
        i18n.gettext("title.ticket_limits"),
        status=status,
        form=form,
        roles=[(role.value, i18n.gettext(f"role.{role}")) for role in limits.ROLES],
        parts=list(PARTS),
    )


@get(LIMITS, opt=OPT)
async def show(request: Req) -> Response[Any]:
    """The limits as they stand."""
    saved = await _saved()
    spec = _fields(request.scope["state"]["business"].currency)
    return await _show(request, Form.blank(request, "limits", spec, saved.values, saved.version))


@post(LIMITS, opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req) -> Response[Any]:
    """Say how much each role may give."""

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        said = {role: Limit(*(values[f"{role}_{part}"] for part in PARTS)) for role in limits.ROLES}
        return await limits.change(intent, values["version"], said)

    return await submit(
        request,
        "limits",
        _fields(request.scope["state"]["business"].currency),
        act=act,
        show=_show,
        then=LIMITS,
        saved=lambda _: _saved(),
        fresh=LIMITS,
    )


ROUTES = [show, change]
