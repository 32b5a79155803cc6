"""A client's card: one page of parts, each gathered by one function and shown by one template.

A route that takes a form of a part shows the card again with it: `show(request, client, 422, notes={"form": form})`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from console import i18n
from console.domain.clients import finding, queries, rules
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Birthday, Source
from console.domain.team.rules import Permission
from console.routes import (
    _client_bookings,
    _client_parts,
    _client_visits,
    _debts,
    _erased,
    _fees,
    _loyalty,
    _messages,
    _page,
    _timeline,
)
from console.routes import _fields as f
from console.routes._labels import EMAIL_LABELS, PHONE_LABELS, label_words
from console.routes._listing import ALL
from console.routes._message_words import MESSAGE_CHANNELS
from console.routes._page import Req, page
from console.routes._values import birthday_words

NEAR = 14
"""Days before a birthday from which on the card says so."""
PHONE = f.phone("phone")
SOURCES = {
    Source.FRIEND: "words.source_friend",
    Source.PASSING_BY: "words.source_passing_by",
    Source.SEARCH: "words.source_search",
    Source.MAPS: "words.source_maps",
    Source.SOCIAL: "words.source_social",
    Source.ADVERT: "words.source_advert",
    Source.PARTNER: "words.source_partner",
    Source.OTHER: "words.source_other",
}

Part = dict[str, Any]


def url(client: int) -> str:
    """The card of a client."""
    return f"/clients/{client}"


async def show(request: Req, client: int, status: int = 200, **more: Mapping[str, Any]) -> Response[Any]:
    """The card; `more` adds to the context of single parts. Raises `NotFound`."""
    one = await queries.client(client)
    if one.erased_at is not None:
        return await _erased.show(request, one, status)
    parts: dict[str, Any] = {
        name: {**await gather(request, one), **more.get(name, {})} for name, gather in PARTS.items()
    }
    return await page(
        request,
        "clients/client.html",
        one.names.shown,
        status=status,
        client=one,
        base=url(client),
        may_change=request.user.actor.may(Permission.CLIENT_CHANGE),
        may_export=request.user.actor.may(Permission.CLIENT_EXPORT),
        **parts,
    )


async def head(request: Req, one: ClientView) -> Part:
    """Who they are: what one needs at the telephone, and the facts."""
    day = _page.today(request)
    shared = await finding.sharing(one.id, [p.number for p in one.phones]) if one.phones else {}
    return {
        "person": one.names.whole if one.is_company else None,
        "phones": [
            {
                "to": f"tel:{p.number}",
                "number": PHONE.show(p.number),
                "label": label_words(p.label, PHONE_LABELS),
                "others": _others(p.number, shared[p.number]) if p.number in shared else None,
            }
            for p in one.phones
        ],
        "emails": [
            {"to": f"mailto:{e.address}", "address": i18n.email(e.address), "label": label_words(e.label, EMAIL_LABELS)}
            for e in one.emails
        ],
        "card": rules.spaced_card(one.card) if one.card else None,
        "birthday": _near(one.birthday, day) if one.birthday else None,
        "facts": _facts(one),
    }


def _others(phone: str, count: int) -> dict[str, str]:
    """Who else has a phone: how many, and where they are found."""
    found = urlencode({"q": phone, "state": ALL})
    return {"url": f"/clients?{found}", "words": i18n.words("words.others_have_it", {"count": count})}


def _near(birthday: Birthday, day: date) -> str | None:
    days = (rules.next_birthday(birthday, day) - day).days
    if days == 0:
        return i18n.gettext("words.birthday_today")
    return i18n.words("words.birthday_in", {"count": days}) if days <= NEAR else None


def _facts(one: ClientView) -> list[tuple[str, str]]:
    """Labels and values, of what is said."""
    told = (
        ("field.middle_name", None if one.is_company else one.names.middle),
        ("field.tax_number", one.tax_number),
        ("field.birthday", birthday_words(one.birthday) if one.birthday else None),
        ("field.address", one.address),
        ("field.language", i18n.NAMES[one.language] if one.language else None),
        ("field.preferred", one.preferred_name),
        ("field.channel", i18n.gettext(MESSAGE_CHANNELS[one.channel]) if one.channel else None),
        ("field.zone_client", i18n.zone_name(one.zone) if one.zone else None),
        ("field.source", i18n.gettext(SOURCES[Source(one.source)]) if one.source else None),
        ("field.joined_on", i18n.short_day(one.joined_on)),
    )
    return [(i18n.gettext(label), value) for label, value in told if value]


async def timeline(request: Req, one: ClientView) -> Part:
    """Everything that happened, the newest first."""
    return await _timeline.part(request, one.id)


PARTS: Mapping[str, Callable[[Req, ClientView], Awaitable[Part]]] = {
    "head": head,
    "fees": _fees.of_client,
    "notes": _client_parts.notes,
    "debts": _debts.part,
    "loyalty": _loyalty.part,
    "bookings": _client_bookings.bookings,
    "visits": _client_visits.visits,
    "messages": _messages.part,
    "contacts": _client_parts.contacts,
    "consents": _client_parts.consents,
    "card": _client_parts.card,
    "timeline": timeline,
}
"""The parts by the names under which their templates find them."""
