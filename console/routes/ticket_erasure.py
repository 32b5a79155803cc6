"""Erasing whoever wrote a ticket by mail and is no client."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.desk import actions
from console.domain.desk.rules import Why
from console.domain.errors import NotFound
from console.domain.ids import TicketMailId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets import mail_queries, queries, writers
from console.routes import _erased
from console.routes import _tickets as words
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._look_first import looking
from console.routes._page import Req, done, page
from console.routes._submit import submit

ONE = f"{words.LIST}/{{number:int}}/erasure"
ERASE = needs(Permission.CLIENT_ERASE)


@get(ONE, opt=ERASE)
async def erasure(request: Req, number: FromPath[int]) -> Response[Any]:
    """What an erasure would do, found out by running it and rolling back."""
    return await _show(request, number, Form.blank(request, "erasure", _erased.FORM))


async def _show(request: Req, number: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.by_number(number)
    mail, wrote = await writers.mail_of(one.id), await mail_queries.writer(one.id)
    if mail is None or wrote is None:
        return done(request, words.url(number))
    try:
        shown = await actions.erase_writer(replace(looking(request), reason=Why.ASKED.value), mail)
    except NotFound:  # erased, or a client's, since it was read
        return done(request, words.url(number))
    form.texts["expected"] = [shown.fingerprint]
    return await page(
        request,
        "tickets/erasure.html",
        i18n.gettext("title.ticket_erasure"),
        status=status,
        form=form,
        base=words.url(number),
        back=words.subject_words(one),
        writer={"name": wrote.name, "address": i18n.email(wrote.address)},
        came=await _erased.nobodys([wrote.address]),
        goes=_erased.parts(shown.effects, "erase.goes"),
    )


@post(ONE, opt=ERASE, request_max_body_size=FORM_LIMIT)
async def erase(request: Req, number: FromPath[int]) -> Response[Any]:
    """Erase them, if that is still what was shown."""
    one = await queries.by_number(number)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        meant = replace(intent, reason=values["reason"], expected=values["expected"] or "")
        return await actions.erase_writer(meant, await writers.mail_of(one.id) or TicketMailId(0))

    return await submit(
        request,
        "erasure",
        _erased.FORM,
        act=act,
        show=lambda asked, form, status: _show(asked, number, form, status),
        then=words.url(number),
    )


ROUTES = [erasure, erase]
