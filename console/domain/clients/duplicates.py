"""Clients who may be one and the same: the same phone, the same email, or nearly the same name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from console.domain import db
from console.domain.clients import fitting, queries, typed
from console.domain.clients.hits import Hit
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Email, Names, Phone
from console.domain.errors import Refused
from console.domain.ids import ClientId
from console.domain.text import fold

MOST = 5
"""Clients that are shown."""
MOST_REACHED = 50
MOST_NAMESAKES = 100
"""Of so many the middle names are compared."""
LEGAL_FORMS = frozenset(
    ("ооо", "оао", "зао", "пао", "ао", "ип", "нко", "ltd", "llc", "llp", "inc", "plc", "gmbh", "co", "limited")
)
"""Words of a company's name that tell none from another."""


@dataclass(frozen=True)
class Duplicate:
    """A client who may be the same. `phones` (E.164) and `emails`: those both have; `name`: whether it is close."""

    client: ClientView
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    name: bool


@dataclass
class _Alike:
    """In what a client is like another one."""

    retired: bool
    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    name: int | None = None
    """How near the name is, 0 the very same; None where it is another."""

    @property
    def order(self) -> tuple[bool, int, int]:
        """Those who still come before others, then those who are alike in more, then the nearest names."""
        reaches = len(self.phones) + len(self.emails)
        return self.retired, -2 * reaches - (self.name is not None), self.name or 0


class PossibleDuplicates(Refused):
    """There are clients who may be the same, and whoever asked has not seen them yet."""

    key = "refused.possible_duplicates"


async def duplicates(names: Names, phones: Sequence[Phone], emails: Sequence[Email]) -> list[Duplicate]:
    """The clients who may be the same, the likeliest first; those in the archive too, erased ones never."""
    return await _likeliest(await _alike(names, phones, emails))


async def newly_met(
    client: ClientId, names: Names, phones: Sequence[Phone], emails: Sequence[Email]
) -> list[Duplicate]:
    """The others whom a client would be like by a change of these, the likeliest first; not by what they had before."""
    was = await queries.client(client)
    known = {one.number for one in was.phones} | {one.address for one in was.emails}
    alike = await _alike(
        names if names != was.names else Names(),
        [one for one in phones if one.number not in known],
        [one for one in emails if one.address not in known],
    )
    namesakes = {other for other, *_ in await _by_name(was.names)} if alike else set()
    met = {other: how for other, how in alike.items() if how.phones or how.emails or other not in namesakes}
    met.pop(client, None)
    return await _likeliest(met)


async def _alike(names: Names, phones: Sequence[Phone], emails: Sequence[Email]) -> dict[int, _Alike]:
    alike: dict[int, _Alike] = {}
    for client, retired, number in await _by_phone(phones):
        alike.setdefault(client, _Alike(retired)).phones.append(number)
    for client, retired, address in await _by_email(emails):
        alike.setdefault(client, _Alike(retired)).emails.append(address)
    for client, retired, rank in await _by_name(names):
        alike.setdefault(client, _Alike(retired)).name = rank
    return alike


async def _likeliest(alike: Mapping[int, _Alike]) -> list[Duplicate]:
    best = sorted(alike, key=lambda client: (alike[client].order, -client))[:MOST]
    return [
        Duplicate(one, tuple(alike[one.id].phones), tuple(alike[one.id].emails), alike[one.id].name is not None)
        for one in await queries.clients(best)
        if one.erased_at is None
    ]


async def alone(names: Names, phones: Sequence[Phone], emails: Sequence[Email]) -> None:
    """Let nobody else write down a client with one of these phones, emails or this very name until the operation ends.

    Of those who do so at once the second one sees the first.
    """
    said = {one.number for one in phones} | {one.address for one in emails} | {fold(names.company or "")}
    said.add(" ".join(sorted(fold(names.person).split())))
    await db.fetch(
        "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key", sorted(map(_key, filter(None, said)))
    )


def _key(said: str) -> int:
    """An advisory lock's key, apart from those of bookables."""
    return (2 << 48) | int.from_bytes(blake2b(said.encode(), digest_size=6).digest(), "big")


def refuse_unseen(found: Sequence[Duplicate], seen: Sequence[ClientId]) -> None:
    """Raise `PossibleDuplicates` unless everybody who may be the same was seen."""
    if {one.client.id for one in found} - set(seen):
        raise PossibleDuplicates


async def _by_phone(phones: Sequence[Phone]) -> list[tuple[int, bool, str]]:
    """Client, whether they come no more, and the number."""
    backwards = {re.sub(r"\D", "", one.number)[::-1]: one.number for one in phones}
    rows = await _reached(
        "SELECT client, retired, value FROM client_reach WHERE kind = 'phone' AND value = ANY($1::text[])"
        " ORDER BY retired, client DESC, value LIMIT $2",
        list(backwards),
    )
    return [(row["client"], row["retired"], backwards[row["value"]]) for row in rows]


async def _by_email(emails: Sequence[Email]) -> list[tuple[int, bool, str]]:
    """The same by whole addresses only: clients are found by the parts of theirs as well."""
    rows = await _reached(
        "SELECT r.client, r.retired, r.value FROM client_reach r WHERE r.kind = 'email' AND r.value = ANY($1::text[])"
        " AND (EXISTS (SELECT FROM client_profile p, jsonb_array_elements(p.emails) e"
        " WHERE p.client = r.client AND lower(e ->> 'address') = r.value)"
        " OR EXISTS (SELECT FROM client_contact c"
        " WHERE c.client = r.client AND c.retired_at IS NULL AND lower(c.email) = r.value)"
        ") ORDER BY r.retired, r.client DESC, r.value LIMIT $2",
        [one.address.lower() for one in emails],
    )
    return [(row["client"], row["retired"], row["value"]) for row in rows]


async def _reached(sql: str, values: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    return await db.fetch(sql, values, MOST_REACHED) if values else ()


Near = tuple[int, bool, int]
"""A client by id, whether they come no more, and how near the name is."""


async def _by_name(names: Names) -> list[Near]:
    """A person by given and family name together, a company by its name: one alone of the two is too common."""
    company = [word for word in typed.words(fold(names.company or "")) if word not in LEGAL_FORMS]
    found: list[Near] = [(hit.client, hit.retired, hit.rank) for hit in await _called(company)]
    if names.given and names.family:
        found += await _by_middle_name(names, await _called(typed.words(fold(f"{names.family} {names.given}"))))
    return found


async def _called(words: Sequence[str]) -> list[Hit]:
    return await fitting.called(words[: typed.MOST_WORDS], limit=MOST_NAMESAKES) if words else []


async def _by_middle_name(names: Names, hits: Sequence[Hit]) -> list[Near]:
    """Without those who have another middle name; an initial may be any that begins so. The same one is nearer."""
    rows = await db.fetch(
        "SELECT client, middle_name FROM client_profile WHERE client = ANY($1::bigint[])", [hit.client for hit in hits]
    )
    middle = {row["client"]: fold(row["middle_name"] or "").strip(". ") for row in rows}
    mine = fold(names.middle or "").strip(". ")
    return [
        (hit.client, hit.retired, hit.rank + (middle[hit.client] != mine))
        for hit in hits
        if _one_name(mine, middle[hit.client])
    ]


def _one_name(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one) or typed.one_typo(one, other)
