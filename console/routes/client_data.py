"""What is kept of a client, to hand over; and erasing them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from console import i18n
from console.domain import clock
from console.domain.booking import cards
from console.domain.booking.steps import Expected
from console.domain.clients import parts, queries, reached
from console.domain.clients.queries import ClientView
from console.domain.desk import actions
from console.domain.desk import queries as desk
from console.domain.desk.rules import Why
from console.domain.errors import NotFound
from console.domain.ids import ClientId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets import files as ticket_files
from console.exporting import ZIP_TYPE, zip_parts
from console.printing import PersonUnprintable, check_rows
from console.routes import _erased, _export, _fees
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._listing import download, named
from console.routes._look_first import looking
from console.routes._not_yet import MOST_HOLDING_UP, not_yet
from console.routes._page import Req, done, page
from console.routes._printed import printed
from console.routes._submit import submit
from console.templating import document

ONE = "/clients/{client:int}"
EXPORT = needs(Permission.CLIENT_EXPORT)
ERASE = needs(Permission.CLIENT_ERASE)

OWED = "erase.owed"
"""Effect that says how much of what the client owes nobody can receive any more."""


def url(client: int) -> str:
    """The card of a client."""
    return f"/clients/{client}"


@get(f"{ONE}/data", opt=EXPORT)
async def data(request: Req, client: FromPath[int]) -> Response[Any] | Stream:
    """What is kept of them, in numbers; as the file that was asked for, if one was."""
    one = await queries.client(client)
    if one.erased_at is not None:
        return done(request, url(client))
    kind = request.query_params.get("as", "")
    if kind == "json":
        return download(await _export.as_json(request, one), "application/json", f"{one.names.shown}.json")
    if kind == "zip":
        files = _files(one, await _export.as_json(request, one), i18n.gettext("nav.tickets"))
        return Stream(zip_parts(files), media_type=ZIP_TYPE, headers=named(f"{one.names.shown}.zip"))
    if kind == "pdf":
        return await _pdf(request, one)
    return await page(
        request,
        "clients/data.html",
        i18n.gettext("title.client_data"),
        client=one,
        base=url(client),
        held=[
            *_counts(await desk.held(one.id)),
            (i18n.gettext("words.operations"), await desk.happened(one.id)),
        ],
        may_erase=request.user.actor.may(Permission.CLIENT_ERASE),
        removed=[_removed(request, part) for part in await parts.removed(one.id)],
    )


async def _files(one: ClientView, document: bytes, folder: str) -> AsyncIterator[tuple[str, bytes]]:
    """Everything as one document, and beside it the files that came with their tickets, by the tickets' numbers."""
    yield "data.json", document
    async for number, file in ticket_files.of_client(one.id):
        yield f"{folder}/{number}/{file.name}", file.content


def _removed(request: Req, one: parts.Removed) -> dict[str, str]:
    zone = request.scope["state"]["business"].zone
    return {
        "said": one.said,
        "part": i18n.gettext(f"part.{desk.part_of(one.entity)}"),
        "when": i18n.moment(one.at, zone),
        "url": f"/clients/{one.entity.removeprefix('client_')}s/{one.id}/erasure",
    }


def _counts(held: list[desk.Held]) -> list[tuple[str, int]]:
    """The parts of the record and how many rows there are of each; a profile counts once."""
    counts: dict[str, int] = {}
    for one in held:
        if one.entity != desk.CLIENT:
            counts[one.part] = counts.get(one.part, 0) + len(one.rows)
    return [(i18n.gettext(f"part.{part}"), count) for part, count in counts.items()]


async def _pdf(request: Req, one: ClientView) -> Response[Any]:
    shown = await _export.in_words(request, one)
    check_rows(sum(len(part["rows"]) for part in shown["parts"]) + len(shown["history"]))
    html = document(
        "pdf/client.html",
        title=one.names.whole or one.names.shown,
        business=request.scope["state"]["business"].name,
        made=i18n.moment(clock.now(), request.scope["state"]["business"].zone),
        **shown,
    )
    return await printed(request, html, f"{one.names.shown}.pdf", PersonUnprintable)


@get(f"{ONE}/erasure", opt=ERASE)
async def erasure(request: Req, client: FromPath[int]) -> Response[Any]:
    """What an erasure would do, found out by running it and rolling back."""
    return await _show(request, client, Form.blank(request, "erasure", _erased.FORM))


async def _show(request: Req, client: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.client(client)
    if one.erased_at is not None:
        return done(request, url(client))
    asked = replace(looking(request), reason=Why.ASKED.value)
    try:
        shown = await actions.erase(asked, one.id)
    except Expected as refusal:
        held = await cards.holding_up(one.id, clock.now(), MOST_HOLDING_UP)
        return await not_yet(request, one, refusal, held)
    except NotFound:  # erased since it was read
        return done(request, url(client))
    form.texts["expected"] = [shown.fingerprint]
    return await page(
        request,
        "clients/erasure.html",
        i18n.gettext("title.client_erasure"),
        status=status,
        form=form,
        client=one,
        base=url(client),
        came=await _erased.nobodys(await reached.own_emails(one.id)),
        goes=_erased.parts(shown.effects, "erase.goes"),
        stays=_erased.parts(shown.effects, "erase.stays"),
        owed=_fees.money_words(
            {one.params["currency"]: one.params["minor"] for one in shown.effects if one.key == OWED}
        ),
        refused=[i18n.words(one.key, one.params) for one in shown.effects if one.key.startswith("effect.")],
    )


@post(f"{ONE}/erasure", opt=ERASE, request_max_body_size=FORM_LIMIT)
async def erase(request: Req, client: FromPath[int]) -> Response[Any]:
    """Erase them, if that is still what was shown."""

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        meant = replace(intent, reason=values["reason"], expected=values["expected"] or "")
        return await actions.erase(meant, ClientId(client))

    return await submit(
        request,
        "erasure",
        _erased.FORM,
        act=act,
        show=lambda asked, form, status: _show(asked, client, form, status),
        then=url(client),
    )


ROUTES = [data, erasure, erase]
