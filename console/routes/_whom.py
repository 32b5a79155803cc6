"""Whom a booking or a series is for: a client who is found while one types, or who is taken in with it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from litestar import Response

from console import i18n
from console.domain.clients import actions, finding, parts, queries
from console.domain.clients import typed as reading
from console.domain.clients.actions import About
from console.domain.clients.duplicates import PossibleDuplicates, duplicates
from console.domain.clients.parts import SiteView
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Names, Phone
from console.domain.errors import DomainError, Invalid, Problem
from console.domain.ids import ClientId, SiteId
from console.domain.intent import Intent
from console.domain.operation import known
from console.routes import _client_form, _found_clients
from console.routes import _fields as f
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._labels import PHONE_LABELS, label_words
from console.routes._page import Req, frame, rendered
from console.routes.clients import SEEN, duplicate

MOST_FOUND = 6
ENTER = "enter"
"""What a form sends as `find` where the Enter key sent it; `client` where its button did."""
PHONE_PART = re.compile(r"[+(]?[\d\s().\u2010-\u2015-]*\d{3}[\d\s().\u2010-\u2015-]*")
"""Digits that nobody is called by."""
LOOKS = {ENTER, "client"}
NEWCOMERS = UUID("5f1f7e00-0000-4000-8000-000000000003")


def _id(typed: str) -> int:
    if (found := f.as_id(typed)) is None:
        raise Bad("problem.choice")
    return found


def site_field(known: Sequence[SiteView] = ()) -> f.Field:
    """Where it is done: one of a client's sites. Nothing can be chosen before it is known whose."""
    choices = [("", i18n.gettext("words.site_none")), *((str(one.id), one.words) for one in known)]
    return f.Field(
        "site", _id, kind="select", required=False, choices=lambda: choices, limit=20, label="field.booking_site"
    )


def read_site(values: Mapping[str, Any]) -> SiteId | None:
    """The site that a form says."""
    return SiteId(values["site"]) if values.get("site") else None


CLIENT = (
    f.hidden("client", _id, required=False, label="field.client"),
    f.text("who", limit=reading.LONGEST, required=False, label="field.who", placeholder=None, hint="hint.who"),
    f.text("new_name", limit=_client_form.LONGEST_GUESS, required=False, label="field.new_name"),
    f.phone("new_phone", required=False, label="field.new_phone"),
    SEEN,
    f.Field("site", _id, kind="select", required=False, limit=20, label="field.booking_site"),
)


async def client_part(form: Form, address: str, pressed: str = "") -> dict[str, Any]:
    """What `bookings/_client.html` shows: who was chosen and their sites, or who was found and who may be taken in.

    `address` answers with it while one types. Enter chooses whoever is the only one who was found.
    """
    values = form.usable()
    chosen = await _chosen(values.get("client"))
    typed = " ".join((values.get("who") or "").split())
    hits, refused = await _hits(typed) if typed and not chosen else ([], "")
    if pressed == ENTER and len(hits) == 1:
        chosen, hits = await _chosen(hits[0]["id"]), []
    sites = await parts.sites(chosen["id"]) if chosen else []
    form.spec = [site_field(sites) if one.name == "site" else one for one in form.spec]
    if not form.texts.get("site"):
        form.texts["site"] = [str(sites[0].id) if len(sites) == 1 else ""]
    asks, alike = False, []
    if form.refusal is not None and form.refusal.key == PossibleDuplicates.key:
        form.refusal, asks = None, True
        who = newcomer(values)
        alike = [duplicate(one) for one in await duplicates(who.names, who.phones, ())]
    if typed and not (hits or refused or chosen) and not values.get("new_name") and not values.get("new_phone"):
        form.texts |= _guessed(typed)
    return {
        "client": chosen,
        "sites": bool(sites) or "site" in form.problems,
        "clients": address,
        "hits": hits,
        "refused": refused,
        "typed": typed,
        "begins": not typed,
        "looked": pressed in LOOKS,
        "asks": asks,
        "alike": alike,
        "seen": ",".join(str(one["id"]) for one in alike),
        "form": form,
    }


async def answered(request: Req, form: Form, address: str) -> Response[Any]:
    """That part alone, or what of it changes while one types."""
    part = "bookings/_found.html" if request.headers.get("hx-target") == "booking-found" else "bookings/_client.html"
    return rendered(part, frame(request, ""), await client_part(form, address), status=200)


async def _chosen(client: int | None) -> dict[str, Any] | None:
    found = await queries.clients([client]) if client else []
    if not found or found[0].erased_at is not None:
        return None
    return await client_words(found[0])


async def client_words(one: ClientView) -> dict[str, Any]:
    """A client as bookings show them: name, phones, and the notes that jump out."""
    return {
        "id": one.id,
        "name": one.names.listed,
        "url": f"/clients/{one.id}",
        "phones": [
            {
                "to": f"tel:{phone.number}",
                "number": _found_clients.phone_words(phone.number),
                "label": label_words(phone.label, PHONE_LABELS),
            }
            for phone in one.phones[:2]
        ],
        "loud": [note.text for note in await parts.notes(one.id) if note.loud],
        "retired": one.retired_at is not None,
    }


async def _hits(typed: str) -> tuple[list[dict[str, Any]], str]:
    """Who was found; and where what was typed is a card that chooses nobody, why: `lost`, `withdrawn` or `erased`."""
    found = await finding.find(typed, limit=MOST_FOUND)
    hits = [hit for hit in found if hit.no_good is None]
    no_good = next((hit.no_good for hit in found if hit.no_good), "")
    refused = no_good or ("erased" if await finding.erased_card(typed) else "")
    shown = await _found_clients.of_hits(hits, reading.read(typed))
    return [{"id": hit.client, "found": one} for hit, one in zip(hits, shown, strict=True)], refused


def _guessed(typed: str) -> dict[str, list[str]]:
    """What was looked for in vain is the newcomer's phone, or a part of it, or their name."""
    if PHONE_PART.fullmatch(typed):
        return {"new_phone": [typed]}
    return {"new_name": [typed[: _client_form.LONGEST_GUESS]]}


@dataclass(frozen=True)
class Newcomer:
    """A client who is taken in with the booking."""

    names: Names
    phones: tuple[Phone, ...]


def newcomer(values: Mapping[str, Any]) -> Newcomer:
    """From the values of the form."""
    given, family = _client_form.called(values.get("new_name") or "")
    phone = values.get("new_phone")
    return Newcomer(Names(given or None, None, family or None), (Phone(phone),) if phone else ())


def missing(values: Mapping[str, Any]) -> dict[str, Problem]:
    """What the form lacks to know whom it is for."""
    if values["client"] or values["new_name"]:
        return {}
    if values["new_phone"]:
        return {"new_name": Problem("problem.required")}
    return {"who": Problem("problem.choose_client")}


NOBODY_YET = ClientId(0)
"""In place of the client's id while nobody has been taken in."""


async def take_in(intent: Intent, values: Mapping[str, Any], look: Awaitable[None]) -> ClientId:
    """Take in the client who is not there yet, once for what was typed, where what it is for can be.

    `look` raises what would be refused, so that nobody is taken in for it; what this form did already is no refusal.
    Raises `Invalid`, `PossibleDuplicates`.
    """
    try:
        await look
    except DomainError:
        if not await known(intent):
            raise
    who = newcomer(values)
    seed = f"{intent.id} {values['new_name']} {values['new_phone']} {values['seen']}"
    own = Intent(uuid5(NEWCOMERS, seed), intent.actor, intent.now)
    try:
        added = await actions.add(own, About(who.names, who.phones), values["seen"])
    except Invalid as refused:
        problems = refused.problems
        raise Invalid(
            {"new_phone" if name == "phones" else "new_name": what for name, what in problems.items()}
        ) from None
    return ClientId(added.result["client"])


async def nothing() -> None:
    """Nothing is to be looked at before somebody is taken in."""
