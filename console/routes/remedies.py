"""Putting loyalty right with a ticket: what there is, what it would do, and doing it; a second person approves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.errors import NotFound
from console.domain.ids import TicketRemedyId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets import queries as tickets
from console.domain.tickets.queries import TicketRow
from console.domain.tickets.remedies import actions, evidence, queries
from console.domain.tickets.remedies.rules import Cause, Remedy
from console.routes import _effects
from console.routes import _fields as f
from console.routes import _remedies as words
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._look_first import EXPECTED, look_first, looked_at_first
from console.routes._page import Req, page
from console.routes._submit import press

ALL = "/tickets/{number:int}/remedies"
ONE = f"{ALL}/{{remedy:int}}"
REMEDY = needs(Permission.TICKET_REMEDY)
APPROVE = needs(Permission.TICKET_APPROVE)


async def _fields(one: TicketRow) -> tuple[f.Field, ...]:
    there = await evidence.found(one.client, one.opened_at, clock.now()) if one.client else []
    known = [(f"{what.remedy.cause}:{what.remedy.of}", words.found_words(what)) for what in there]
    return f.choice("remedy", lambda: known, kind="radio", label="field.remedy"), EXPECTED


def _remedy(values: dict[str, Any]) -> Remedy:
    cause, _, of = values["remedy"].partition(":")
    return Remedy(Cause(cause), int(of))


async def _show(
    request: Req, form: Form, status: int, effects: Sequence[Effect] | None, one: TicketRow
) -> Response[Any]:
    return await page(
        request,
        "tickets/remedy.html",
        i18n.gettext("title.remedy"),
        status=status,
        form=form,
        ticket=one,
        base=f"/tickets/{one.number}",
        action=words.url(one.number),
        look=await _in_words(effects),
    )


async def _in_words(effects: Sequence[Effect] | None) -> list[str] | None:
    return None if effects is None else [await _effects.words(one.key, one.params) for one in effects]


@get(ALL, opt=REMEDY)
async def ask(request: Req, number: FromPath[int]) -> Response[Any]:
    """What there is to put right."""
    one = await tickets.by_number(number)
    return await _show(request, Form.blank(request, "remedy", await _fields(one)), 200, None, one)


@post(ALL, opt=REMEDY, request_max_body_size=FORM_LIMIT)
async def give(request: Req, number: FromPath[int]) -> Response[Any]:
    """Show what it would do; once that was seen, do it."""
    one = await tickets.by_number(number)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await actions.give(intent, one.id, _remedy(values))

    return await look_first(
        request,
        "remedy",
        await _fields(one),
        act=act,
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, one),
        then=f"/tickets/{number}",
    )


async def _of(number: int, remedy: int) -> TicketRow:
    """The ticket of a remedy. Raises `NotFound` where it is another one's."""
    one = await tickets.by_number(number)
    if all(known.id != remedy for known in await queries.of_ticket(one.id)):
        raise NotFound
    return one


async def _approval(
    request: Req, form: Form, status: int, effects: Sequence[Effect] | None, one: TicketRow, remedy: int
) -> Response[Any]:
    return await page(
        request,
        "tickets/approval.html",
        i18n.gettext("title.remedy_approval"),
        status=status,
        form=form,
        ticket=one,
        base=f"/tickets/{one.number}",
        action=f"{words.url(one.number)}/{remedy}/approval",
        look=await _in_words(effects),
    )


@get(f"{ONE}/approval", opt=APPROVE)
async def look(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """What approving it would do, or why it cannot be."""
    one = await _of(number, remedy)
    return await looked_at_first(
        request,
        Form.blank(request, "approval", [EXPECTED]),
        act=lambda intent, _: actions.approve(intent, TicketRemedyId(remedy)),
        show=lambda asked, form, status, effects: _approval(asked, form, status, effects, one, remedy),
    )


@post(f"{ONE}/approval", opt=APPROVE, request_max_body_size=FORM_LIMIT)
async def approve(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """Approve it, where that still does what was seen."""
    one = await _of(number, remedy)
    return await look_first(
        request,
        "approval",
        [EXPECTED],
        act=lambda intent, _: actions.approve(intent, TicketRemedyId(remedy)),
        show=lambda asked, form, status, effects: _approval(asked, form, status, effects, one, remedy),
        then=f"/tickets/{number}",
    )


@post(f"{ONE}/refusal", opt=REMEDY)
async def decline(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """Put it right in no such way."""
    await _of(number, remedy)
    return await press(request, lambda intent: actions.decline(intent, TicketRemedyId(remedy)), f"/tickets/{number}")


ROUTES = [ask, give, look, approve, decline]
