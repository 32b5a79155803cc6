"""What belongs to a client: forms of notes, contacts, sites, consents and cards, and what the client's card shows."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import segno

from console import i18n
from console.domain import clock
from console.domain.clients import parts, rules
from console.domain.clients.parts import ConsentEntry
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import TOLD, Channel, ConsentSource, Purpose
from console.domain.team.rules import Permission
from console.routes import _actors
from console.routes import _fields as f
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._values import date_words

CHANNELS = {
    Channel.SMS: "words.channel_sms",
    Channel.EMAIL: "words.channel_email",
    Channel.CALL: "words.channel_call",
    Channel.MESSENGER: "words.channel_messenger",
}
PURPOSES = {
    Purpose.REMINDERS: "words.purpose_reminders",
    Purpose.OFFERS: "words.purpose_offers",
    Purpose.FEEDBACK: "words.purpose_feedback",
}
HOW = {
    ConsentSource.IN_PERSON: "words.said_in_person",
    ConsentSource.BY_PHONE: "words.said_by_phone",
    ConsentSource.ON_PAPER: "words.said_on_paper",
    ConsentSource.IN_WRITING: "words.said_in_writing",
    ConsentSource.IMPORT: "words.said_by_import",
    ConsentSource.CORRECTION: "words.said_by_undo",
}
"""How we know of a consent, as a sentence has it."""


def _card_number(typed: str) -> str:
    number = rules.card_number(typed)
    if number is None:
        raise f.Bad("problem.card_number")
    return number


NOTE = (
    f.area("text", limit=1000, label="field.note_text"),
    f.tick("loud", label="field.loud", hint="hint.loud"),
)
CONTACT = (
    f.text("name", limit=100, autocomplete="off"),
    f.text("role", limit=80, required=False, autocomplete="off", label="field.contact_role", hint="hint.contact_role"),
    f.phone("phone", required=False, autocomplete="off"),
    f.email("email", required=False),
)
SITE = (
    f.text("address", limit=300, autocomplete="off", label="field.address"),
    f.text("name", limit=80, required=False, autocomplete="off", label="field.site_name", hint="hint.site_name"),
    f.area("note", limit=500, required=False, label="field.site_note", hint="hint.site_note"),
)
CARD = (
    f.Field(
        "number",
        _card_number,
        required=False,
        limit=40,
        label="field.card_number",
        hint="hint.card_number",
        inputmode="numeric",
        autocomplete="off",
    ),
)
LOST = (
    f.hidden("card", lambda typed: int(typed) if re.fullmatch("[0-9]{1,18}", typed) else 0, required=False, empty=0),
    *CARD,
)
"""With the id of the card that the page showed."""


def tick(channel: Channel, purpose: Purpose) -> str:
    """The name of the field for a channel and a purpose."""
    return f"{channel}_{purpose}"


def consent_fields() -> tuple[f.Field, ...]:
    """A tick for each channel and purpose, how we know, and since when."""
    ticks = [
        f.tick(
            tick(channel, purpose),
            label="field.consent",
            params={"channel": i18n.gettext(CHANNELS[channel]), "purpose": i18n.gettext(PURPOSES[purpose]).lower()},
        )
        for channel in Channel
        for purpose in Purpose
    ]
    sources = [(one.value, i18n.upper_first(i18n.gettext(HOW[one]))) for one in TOLD]
    return (
        *ticks,
        f.choice("source", lambda: sources, kind="radio", label="field.consent_source"),
        f.day("on", date.min, date.max, label="field.consent_on", hint="hint.consent_on"),
    )


async def notes(request: Req, one: ClientView) -> dict[str, Any]:
    """What staff should know: those notes that jump out first, each with who wrote it when."""
    known = await parts.notes(one.id)
    who = await _actors.who_by(note.actor for note in known)
    rows = [{"note": note, "who": who(note.actor), "when": _day(request, note.at)} for note in known]
    return {"rows": rows, "form": Form.blank(request, "note", NOTE), "open": False}


async def contacts(request: Req, one: ClientView) -> dict[str, Any]:
    """People to speak with, and places where the work is done."""
    people = [
        {"contact": contact, "number": CONTACT[2].show(contact.phone) if contact.phone else None}
        for contact in await parts.contacts(one.id)
    ]
    asks = one.is_company and request.user.actor.may(Permission.CLIENT_ERASE)
    removed = [part for part in await parts.removed(one.id) if part.entity != "client_note"] if asks else []
    return {"people": people, "sites": await parts.sites(one.id), "removed": len(removed)}


async def consents(request: Req, one: ClientView) -> dict[str, Any]:
    """What they agreed to, per channel and purpose, None of what was never asked; `rows` is empty where nothing was."""
    holding = await parts.consents(one.id)
    rows = [
        {"channel": i18n.gettext(word), "given": [holding.get((channel, purpose)) for purpose in Purpose]}
        for channel, word in CHANNELS.items()
    ]
    return {"purposes": purposes(), "rows": rows if holding else []}


def purposes() -> list[str]:
    """The heads of the columns of what is consented to."""
    return [i18n.gettext(word) for word in PURPOSES.values()]


async def consent_history(request: Req, log: list[ConsentEntry]) -> list[dict[str, Any]]:
    """What was ever said of each channel and purpose, the latest first."""
    who = await _actors.who_by(one.actor for one in log)
    said: dict[tuple[Channel, Purpose], list[str]] = {}
    for one in log:
        how = {"how": i18n.gettext(HOW[one.source]), "date": _day(request, one.at), "name": who(one.actor)}
        words = i18n.words("words.consent_given" if one.given else "words.consent_taken", how)
        said.setdefault((one.channel, one.purpose), []).append(i18n.upper_first(words))
    return [
        {
            "of": i18n.words(
                "field.consent", {"channel": i18n.gettext(CHANNELS[c]), "purpose": i18n.gettext(word).lower()}
            ),
            "said": said[c, purpose],
        }
        for c in Channel
        for purpose, word in PURPOSES.items()
        if (c, purpose) in said
    ]


async def card(request: Req, one: ClientView) -> dict[str, Any]:
    """The plastic card in their hand, and those that they lost."""
    known = await parts.cards(one.id)
    held = next((card for card in known if card.lost_at is None), None)
    return {
        "number": rules.spaced_card(held.number) if held else None,
        "since": _day(request, held.issued_at) if held else None,
        "qr": qr(held.number) if held else None,
        "lost": [
            {"number": rules.spaced_card(card.number), "when": _day(request, card.lost_at)}
            for card in known
            if card.lost_at
        ],
        "form": Form.blank(request, "lost", LOST, {"card": held.id}) if held else Form.blank(request, "card", CARD),
        "open": False,
    }


@lru_cache(1000)
def qr(number: str) -> str:
    """A card's QR code as a `data:` address of an SVG: its digits, as a scanner types them."""
    return str(segno.make(number, error="q", micro=False).svg_data_uri(border=2, light="#fff"))


def _day(request: Req, at: datetime) -> str:
    return date_words(clock.business_date(at, request.scope["state"]["business"].zone))
