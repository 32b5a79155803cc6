"""Clients who were found, as they are shown: with what was typed marked in what it fits."""

from __future__ import annotations

import re
from asyncio import gather
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from console import i18n
from console.domain.clients import parts, queries, rules
from console.domain.clients.hits import Hit, Matched
from console.domain.clients.parts import ContactView
from console.domain.clients.queries import ClientView
from console.domain.clients.typed import Typed
from console.domain.text import fold
from console.routes import _fields as f
from console.routes import _found_contacts
from console.routes._goals import Found, Marked, unmarked

PHONE = f.phone("phone")
LOUD_LETTERS = 60
"""So much of a note stands beside a name."""
_WORD = re.compile(r"[^\W_]+")


async def of_hits(hits: Sequence[Hit], typed: Typed) -> list[Found]:
    """Clients by their hits, in that order."""
    ids = [hit.client for hit in hits]
    clients, contacts = await gather(queries.clients(ids), parts.contacts_of(ids))
    seen = {one.id: one for one in clients}
    return [_found(seen[hit.client], hit, typed, contacts.get(hit.client, ())) for hit in hits if hit.client in seen]


async def of_ids(ids: Sequence[int]) -> list[Found]:
    """Clients as they stand, in that order."""
    return [
        Found(
            unmarked(one.names.listed),
            url(one.id),
            icon(one),
            _reached(one),
            away=one.retired_at is not None,
            loud=loud_words(one),
        )
        for one in await queries.clients(ids)
    ]


def loud_words(one: ClientView) -> str:
    """The beginning of the newest note that jumps out, in one line; empty where there is none."""
    text = " ".join((one.loud or "").split())
    return text if len(text) <= LOUD_LETTERS else text[: LOUD_LETTERS - 1].rstrip() + "…"


def url(client: int) -> str:
    return f"/clients/{client}"


def straight(hits: Sequence[Hit]) -> str | None:
    """Where the whole number of a card that is good leads by itself: to its client."""
    return url(hits[0].client) if hits and hits[0].is_good_card else None


def icon(one: ClientView) -> str:
    return "business" if one.is_company else "clients"


def _reached(one: ClientView) -> Marked:
    """What tells them from others of their name: a phone, else an email."""
    if one.phones:
        return unmarked(phone_words(one.phones[0].number))
    return unmarked(i18n.email(one.emails[0].address) if one.emails else "")


def _contact_reached(one: ContactView) -> Marked:
    """A contact's own phone, else their email: the company's are not theirs."""
    return unmarked(phone_words(one.phone) if one.phone else i18n.email(one.email or ""))


def _found(one: ClientView, hit: Hit, typed: Typed, contacts: Sequence[ContactView]) -> Found:
    contact = _found_contacts.met(one, hit, typed, contacts)
    who = contact.name if contact else _found_contacts.own_person(one, hit, typed)
    reached = (
        _by_value(one, hit, typed, contact) if hit.value else _contact_reached(contact) if contact else _reached(one)
    )
    return Found(
        list(marked(one.names.listed, _found_contacts.words(typed))),
        url(one.id),
        icon(one),
        [*spoken_with(who, typed), *([(", ", False)] if reached else []), *reached] if who else reached,
        away=hit.retired,
        by_card=hit.matched is Matched.CARD,
        no_good=hit.no_good or "",
        loud=loud_words(one),
    )


def spoken_with(name: str, typed: Typed) -> Marked:
    """Somebody to speak with by whom a client was found, with what was typed marked."""
    return list(marked(name, _found_contacts.words(typed)))


def number(one: ClientView, hit: Hit | None, typed: Typed) -> Marked:
    """The phone by which a client stands in a list: that which was looked for, else their first."""
    if hit and hit.matched is Matched.PHONE:
        return _by_value(one, hit, typed)
    return unmarked(phone_words(one.phones[0].number) if one.phones else "")


def _by_value(one: ClientView, hit: Hit, typed: Typed, contact: ContactView | None = None) -> Marked:
    """The number or the address that fitted, with what was typed of it marked."""
    value = hit.value or ""
    if hit.matched is Matched.CARD:
        return ((rules.spaced_card(value), True),)
    if hit.matched is Matched.PHONE:
        said = (one for reading in typed.readings for one in (*reading.phones, reading.national or ""))
        spelt = (one for one in said if value.endswith(one))
        return _last_digits(phone_words(f"+{value}"), max(map(len, spelt), default=0))
    if hit.matched is Matched.TAX:
        most = max(len(reading.tax or "") for reading in typed.readings)
        return [(f"{i18n.gettext('words.tax_number')} ", False), *_last_digits(value, most)]
    begins = i18n.email(next((reading.email for reading in typed.readings if reading.email), ""))
    known = [*(own.address for own in one.emails), *([contact.email] if contact and contact.email else [])]
    whole = i18n.email(next((address for address in known if address.endswith(value)), value))
    at = len(whole) - len(i18n.email(value))
    pieces = ((whole[:at], False), (whole[at : at + len(begins)], True), (whole[at + len(begins) :], False))
    return [piece for piece in pieces if piece[0]]


def _last_digits(number: str, many: int) -> Marked:
    """A written number with its last digits marked, whatever stands between them."""
    at = len(number)
    while many and at:
        at -= 1
        many -= number[at].isdigit()
    return [piece for piece in ((number[:at], False), (number[at:], True)) if piece[0]]


def marked(text: str, words: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """A text with the beginnings of its words marked that are folded words which were typed."""
    begins = sorted(set(words), key=len, reverse=True)
    end = 0
    for word in _WORD.finditer(text):
        folded = fold(word.group())
        fits = next((one for one in begins if folded.startswith(one) and len(folded) == len(word.group())), None)
        if fits:
            if word.start() > end:
                yield text[end : word.start()], False
            end = word.start() + len(fits)
            yield text[word.start() : end], True
    if end < len(text):
        yield text[end:], False


@lru_cache(50_000)
def phone_words(number: str) -> str:
    """A phone (E.164) as it is read: +7 921 333-45-12. Kept, since reading one takes a tenth of a millisecond."""
    return PHONE.show(number)
