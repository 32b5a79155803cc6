"""Finding clients by whatever is at hand: a phone's last digits, part of a name, an email, a card, a company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from console.domain import db
from console.domain.clients import fitting
from console.domain.clients import typed as rules
from console.domain.clients.fitting import LAST, Part
from console.domain.clients.hits import Hit, Matched, NoGood
from console.domain.clients.listing import Wanted
from console.domain.clients.rules import card_number
from console.domain.clients.typed import Nearness, Reading
from console.domain.ids import ClientId
from console.domain.text import fold

MOST_REACHES = 2000


@dataclass(frozen=True)
class Search:
    """How many are looked for, how many have to begin as typed for that to be enough, and among whom."""

    limit: int
    enough: int
    among: Wanted | None


async def find(
    typed: str, *, limit: int = 12, include_retired: bool = True, among: Wanted | None = None, enough: int | None = None
) -> list[Hit]:
    """Clients by what somebody typed, the best first.

    `among`: only such clients, and all that fit are looked at, however common the words. `enough`: how many have to
    begin as typed for no others to be looked for; `limit` where it is not said.

    Where there is nobody, as typed on the other keyboard; then with a typo in a short word, or in the beginning of one.
    So is a word alone that nobody's begins with: what lies inside another, or is a name with a typo, may not be meant.
    """
    search = Search(limit, limit if enough is None else enough, among)
    found = await _find(typed, search)
    if not found and (other := rules.other_layout(typed)):
        found = await _find(other, search)
    begun = any(hit.rank < Nearness.INSIDE for hit in found.values())
    if not found or (len(found) < search.enough and not begun and len(rules.words(fold(typed))) == 1):
        _add(found, await _forgiven(typed, search))
    ordered = sorted(found.values(), key=lambda hit: hit.order)
    return [hit for hit in ordered if include_retired or not hit.retired][:limit]


async def _find(text: str, search: Search) -> dict[ClientId, Hit]:
    typed = rules.read(text)
    found: dict[ClientId, Hit] = {}
    if typed.card:
        _add(found, await _by_card(typed.card))
    for reading in typed.readings:
        _add(found, await _by_reading(reading, [Part.beginning(word) for word in reading.words], search))
    if len(found) < search.enough:
        for reading in typed.readings:
            if parts := await fitting.widened(reading.words):
                _add(found, await _by_reading(reading, parts, search))
    return found


async def _forgiven(text: str, search: Search) -> list[Hit]:
    found = []
    for reading in rules.read(text).readings:
        if parts := await fitting.widened(reading.words, forgiving=True):
            found += await _by_reading(reading, parts, search)
    return found


def _add(found: dict[ClientId, Hit], hits: Iterable[Hit]) -> None:
    for hit in hits:
        known = found.get(hit.client)
        if known is None or (hit.rank < known.rank and not known.is_good_card):
            found[hit.client] = hit


_CARD = """
    SELECT c.id, c.retired_at IS NOT NULL AS retired, c.erased_at IS NOT NULL AS erased,
        k.lost_at IS NOT NULL AS lost, k.retired_at IS NOT NULL AS withdrawn
    FROM client_card k JOIN client c ON c.id = k.client WHERE k.number = $1
    ORDER BY k.retired_at IS NOT NULL, k.id DESC LIMIT 1
"""
"""Whose a number is; of one that is nobody's now, whose it was last."""


async def _by_card(number: str) -> list[Hit]:
    row = await db.fetchrow(_CARD, number)
    if row is None or row["erased"]:
        return []
    no_good = NoGood.WITHDRAWN if row["withdrawn"] else NoGood.LOST if row["lost"] else None
    return [Hit(ClientId(row["id"]), Matched.CARD, Nearness.EXACT, number, row["retired"], no_good)]


async def sharing(client: ClientId, phones: Sequence[str]) -> dict[str, int]:
    """How many other clients are reached by each of these phones (E.164), those in the archive too, if any are."""
    backwards = {re.sub(r"\D", "", phone)[::-1]: phone for phone in phones}
    rows = await db.fetch(
        "SELECT value, count(*) AS count FROM client_reach WHERE kind = 'phone' AND value = ANY($1::text[])"
        " AND client <> $2 GROUP BY value",
        list(backwards),
        client,
    )
    return {backwards[row["value"]]: row["count"] for row in rows}


async def erased_card(typed: str) -> bool:
    """Whether this is the number of a card that an erased client had: it finds nobody, and is good no more."""
    number = card_number(typed[: rules.LONGEST])
    row = await db.fetchrow(_CARD, number) if number else None
    return row is not None and bool(row["erased"])


async def _by_reading(reading: Reading, parts: Sequence[Part], search: Search) -> list[Hit]:
    if reading.phones:
        begins = [(Matched.PHONE, digits[::-1]) for digits in reading.phones]
        begins += [(Matched.PHONE, reading.national[::-1])] if reading.national else []
        begins += [(Matched.TAX, reading.tax[::-1])] if reading.tax else []
        return await _by_reach(reading, begins, parts, search)
    if reading.stored_email:
        return await _by_reach(reading, [(Matched.EMAIL, reading.stored_email)], parts, search)
    return await fitting.by_words(parts, search.limit, search.among)


_REACHES = """
    SELECT r.client, r.retired, r.kind, r.value FROM unnest($1::text[], $2::text[]) AS b (kind, low)
    CROSS JOIN LATERAL (
        SELECT c.client, c.retired, c.kind, c.value FROM client_reach c
        WHERE c.kind = b.kind AND c.value >= b.low AND c.value < b.low || $3
        ORDER BY c.kind, c.value, c.retired, c.client DESC LIMIT $4
    ) r ORDER BY r.retired, r.client DESC
"""


async def _by_reach(
    reading: Reading, begins: Sequence[tuple[Matched, str]], parts: Sequence[Part], search: Search
) -> list[Hit]:
    """Clients with a phone or tax number (from its end) or an address that begins so, and with words that fit."""
    kinds, lows = [kind.value for kind, _ in begins], [low for _, low in begins]
    args = [kinds, lows, LAST, MOST_REACHES if search.among is None else None]
    most = max(fitting.MOST, search.limit)
    rows = await fitting.narrowed(_REACHES, args, parts, limit=most, among=search.among)
    return [
        _reached(hit, Matched(row["kind"]), row["value"], lows)
        for row in rows
        for hit in fitting.hits([row], parts)
        if reading.has_reach(row["kind"], row["value"])
    ]


def _reached(hit: Hit, kind: Matched, value: str, whole: Sequence[str]) -> Hit:
    """A hit by a phone, an address or a tax number; part of one of the last stands behind the others."""
    part = Nearness.INSIDE if kind is Matched.TAX else Nearness.BEGINS
    said = value if kind is Matched.EMAIL else value[::-1]
    return replace(hit, matched=kind, rank=hit.rank + (Nearness.EXACT if value in whole else part), value=said)
