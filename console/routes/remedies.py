"""Putting loyalty right with a ticket: what there is, what it would do, and doing it; a second person approves."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import reasons
from console.domain.errors import NotFound
from console.domain.ids import ReasonId, TicketRemedyId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets import queries as tickets
from console.domain.tickets.queries import TicketRow
from console.domain.tickets.remedies import actions, evidence, limits, queries
from console.domain.tickets.remedies.actions import NothingToPutRight
from console.domain.tickets.remedies.of_bookings import Costless
from console.domain.tickets.remedies.posting import REASONS
from console.domain.tickets.remedies.queries import RemedyView
from console.domain.tickets.remedies.rules import Found, Gives, Remedy
from console.routes import _effects
from console.routes import _fields as f
from console.routes import _remedies as words
from console.routes._errors import status_of
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._look_first import EXPECTED, look_first, looked_at_first
from console.routes._page import Req, page
from console.routes._submit import Act, submit
from console.routes._toasts import FORESEEN

ALL = "/tickets/{number:int}/remedies"
WHY = (f.area("why", limit=2000, label="field.refusal_why", hint="hint.refusal_why"),)
ONE = f"{ALL}/{{remedy:int}}"
AMOUNTS = {Gives.REFUND: "field.remedy_refund", Gives.DEBT: "field.remedy_debt"}
"""Of which money may be less, and the keys of the labels."""
REMEDY = needs(Permission.TICKET_REMEDY)
APPROVE = needs(Permission.TICKET_APPROVE)


async def _there(one: TicketRow) -> list[Found]:
    return await evidence.found(one.client, one.opened_at, clock.now()) if one.client else []


async def _costless(one: TicketRow, there: Sequence[Found]) -> list[Costless]:
    return await evidence.costless(one.client, there, clock.now()) if one.client else []


async def _waiting(one: TicketRow) -> set[str]:
    return await queries.waiting(one.client) if one.client else set()


def _asked(there: Sequence[Found], waiting: Collection[str], key: str) -> Found | None:
    return next((found for found in there if found.remedy.key == key and key not in waiting), None)


async def _fields(found: Found) -> tuple[f.Field, ...]:
    """What is still to be said: how much, where it may be less, and why money is given."""
    remedy, spec = found.remedy, list[f.Field]()
    if found.currency and (label := AMOUNTS.get(remedy.gives)):
        spec.append(f.money("amount", found.currency, label=label))
    if remedy.gives is Gives.STAMPS:
        spec.append(f.whole("amount", 1, remedy.amount, label="field.remedy_stamps"))
    if use := REASONS.get(remedy.gives):
        known = [why for why in await reasons.reasons(use) if why.retired_at is None]
        why = [("", i18n.gettext("words.choose")), *((str(one.id), i18n.spoken(one.names)) for one in known)]
        spec.append(f.choice("reason", lambda: why, label="field.remedy_reason"))
    return (*spec, f.hidden("remedy", limit=100), EXPECTED)


def _remedy(found: Found, values: dict[str, Any]) -> Remedy:
    reason = values.get("reason")
    amount = values.get("amount", found.remedy.amount)
    return replace(found.remedy, amount=amount, reason=ReasonId(int(reason)) if reason else None)


async def _list(
    request: Req, one: TicketRow, there: Sequence[Found], waiting: Collection[str], problem: str | None
) -> Response[Any]:
    """All that there is to put right; `problem`: why what was asked for is not done."""
    return await page(
        request,
        "tickets/remedies.html",
        i18n.gettext("title.remedy"),
        status=status_of(NothingToPutRight()) if problem else 200,
        ticket=one,
        base=f"/tickets/{one.number}",
        groups=await words.groups(one.number, there, await _costless(one, there), waiting),
        problem=problem,
    )


def _problem(waits: bool) -> str:
    return i18n.gettext("words.remedy_waits_already") if waits else i18n.problem(NothingToPutRight().problem)


async def _show(
    request: Req, form: Form, status: int, effects: Sequence[Effect] | None, one: TicketRow, found: Found
) -> Response[Any]:
    look, then = await _effects.look(request, form, effects), list[str]()
    keys = [effect.key for effect in effects or ()]
    if look is not None and FORESEEN in keys:
        at = keys.index(FORESEEN) + 1
        look, then = look[:at], look[at:]
    return await page(
        request,
        "tickets/remedy.html",
        words.way_words(found.remedy),
        status=status,
        form=form,
        ticket=one,
        base=words.url(one.number),
        evidence=words.found_words(found),
        look=look,
        then=then,
        waits=FORESEEN in keys,
    )


def _act(one: TicketRow, found: Found) -> Act:
    """To put it right, or to ask somebody else to where it is more than the actor gives alone."""

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        remedy = _remedy(found, values)
        cost = found.asked(remedy).cost
        waits = await limits.exceeded(intent.actor.id, intent.now, cost, found.currency)
        return await (actions.propose if waits else actions.give)(intent, one.id, remedy)

    return act


@get(ALL, opt=REMEDY)
async def ask(request: Req, number: FromPath[int]) -> Response[Any]:
    """What there is to put right; of one of it (`?remedy=`) what more is to be said, or at once what it would do."""
    one = await tickets.by_number(number)
    there, waiting, key = await _there(one), await _waiting(one), request.query_params.get("remedy", "")
    found = _asked(there, waiting, key)
    if found is None:
        return await _list(request, one, there, waiting, _problem(key in waiting) if key else None)
    spec = await _fields(found)
    form = Form.blank(request, "remedy", spec, {"remedy": key, "amount": found.remedy.amount})

    def show(asked: Req, form: Form, status: int, effects: Sequence[Effect] | None) -> Awaitable[Response[Any]]:
        return _show(asked, form, status, effects, one, found)

    if any(field.kind != "hidden" for field in spec):
        return await show(request, form, 200, None)
    return await looked_at_first(request, form, act=_act(one, found), show=show)


@post(ALL, opt=REMEDY, request_max_body_size=FORM_LIMIT)
async def give(request: Req, number: FromPath[int]) -> Response[Any]:
    """Show what it would do; once that was seen, do it."""
    one = await tickets.by_number(number)
    there, waiting, key = await _there(one), await _waiting(one), (await read_body(request)).first("remedy")
    found = _asked(there, waiting, key)
    if found is None:
        return await _list(request, one, there, waiting, _problem(key in waiting))
    return await look_first(
        request,
        "remedy",
        await _fields(found),
        act=_act(one, found),
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, one, found),
        then=f"/tickets/{number}",
    )


async def _of(number: int, remedy: int) -> tuple[TicketRow, RemedyView]:
    """A ticket and a remedy of it. Raises `NotFound` where it is another one's."""
    one = await tickets.by_number(number)
    known = next((known for known in await queries.of_ticket(one.id) if known.id == remedy), None)
    if known is None:
        raise NotFound
    return one, known


async def _approval(
    request: Req, form: Form, status: int, effects: Sequence[Effect] | None, one: TicketRow, remedy: RemedyView
) -> Response[Any]:
    facts = await words.proposed(one, remedy)
    return await page(
        request,
        "tickets/approval.html",
        i18n.gettext("title.remedy_approval"),
        status=status,
        form=form,
        ticket=one,
        base=f"/tickets/{one.number}",
        action=f"{words.url(one.number)}/{remedy.id}/approval",
        facts=facts,
        look=await _effects.look(request, form, effects),
    )


@get(f"{ONE}/approval", opt=APPROVE)
async def look(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """What approving it would do, or why it cannot be."""
    one, known = await _of(number, remedy)
    return await looked_at_first(
        request,
        Form.blank(request, "approval", [EXPECTED]),
        act=lambda intent, _: actions.approve(intent, TicketRemedyId(remedy)),
        show=lambda asked, form, status, effects: _approval(asked, form, status, effects, one, known),
    )


@post(f"{ONE}/approval", opt=APPROVE, request_max_body_size=FORM_LIMIT)
async def approve(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """Approve it, where that still does what was seen."""
    one, known = await _of(number, remedy)
    return await look_first(
        request,
        "approval",
        [EXPECTED],
        act=lambda intent, _: actions.approve(intent, TicketRemedyId(remedy)),
        show=lambda asked, form, status, effects: _approval(asked, form, status, effects, one, known),
        then=f"/tickets/{number}",
    )


async def _refusal(request: Req, form: Form, status: int, one: TicketRow, remedy: RemedyView) -> Response[Any]:
    own = remedy.proposed_by == request.user.actor.id
    return await page(
        request,
        "tickets/refusal.html",
        i18n.gettext("title.remedy_withdrawal") if own else i18n.gettext("title.remedy_refusal"),
        status=status,
        form=form,
        ticket=one,
        base=f"/tickets/{one.number}",
        action=f"{words.url(one.number)}/{remedy.id}/refusal",
        facts=await words.proposed(one, remedy),
        own=own,
    )


@get(f"{ONE}/refusal", opt=REMEDY)
async def ask_why(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """What is not to be put right, and the empty field for why."""
    one, known = await _of(number, remedy)
    return await _refusal(request, Form.blank(request, "refusal", WHY), 200, one, known)


@post(f"{ONE}/refusal", opt=REMEDY, request_max_body_size=FORM_LIMIT)
async def decline(request: Req, number: FromPath[int], remedy: FromPath[int]) -> Response[Any]:
    """Put it right in no such way: it is withdrawn by who proposed it, and declined by anybody else."""
    one, known = await _of(number, remedy)
    act = actions.withdraw if known.proposed_by == request.user.actor.id else actions.decline
    return await submit(
        request,
        "refusal",
        WHY,
        act=lambda intent, values: act(intent, TicketRemedyId(remedy), values["why"]),
        show=lambda asked, form, status: _refusal(asked, form, status, one, known),
        then=f"/tickets/{number}",
    )


ROUTES = [ask, give, look, approve, ask_why, decline]
