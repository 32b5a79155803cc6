"""Under which emails and phones clients are reached, or were at some time: their own, and of whom one speaks with."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.domain import db
from console.domain.ids import ClientId

_EVER = """
    WITH part (client, entity, id, said) AS (
        SELECT client, 'client_profile', id, jsonb_build_object('emails', emails, 'phones', phones)
        FROM client_profile WHERE client = ANY($1::bigint[])
        UNION ALL SELECT client, 'client_contact', id, jsonb_build_object('email', email, 'phone', phone)
        FROM client_contact WHERE client = ANY($1::bigint[])
    )
    SELECT client, entity, id, said FROM part
    UNION ALL SELECT p.client, p.entity, p.id, f.values
    FROM part p JOIN change c ON (c.entity, c.entity_id) = (p.entity, p.id) JOIN former f ON f.change = c.id
    WHERE f.values ?| ARRAY['emails', 'phones', 'email', 'phone']
"""
_NOW = "SELECT DISTINCT client FROM client_reach WHERE kind = 'email' AND value = ANY($1::text[])"
_OWN = """
    WITH said (emails, now) AS (
        SELECT emails, true FROM client_profile WHERE client = $1
        UNION ALL SELECT f.values -> 'emails', false FROM client_profile p
            JOIN change c ON c.entity = 'client_profile' AND c.entity_id = p.id JOIN former f ON f.change = c.id
            WHERE p.client = $1
    )
    SELECT DISTINCT lower(e.one ->> 'address') AS address FROM said CROSS JOIN jsonb_array_elements(said.emails) e (one)
    WHERE now OR NOT EXISTS (SELECT FROM client_reach r
        WHERE r.kind = 'email' AND r.value = lower(e.one ->> 'address') AND r.client <> $1)
    ORDER BY 1
"""
_WAS_OWN = """
    SELECT EXISTS (SELECT FROM client_profile p
        JOIN change c ON c.entity = 'client_profile' AND c.entity_id = p.id JOIN former f ON f.change = c.id
        CROSS JOIN jsonb_array_elements(f.values -> 'emails') e (one)
        WHERE p.client = $1 AND lower(e.one ->> 'address') = $2)
"""


@dataclass
class _Person:
    """The emails and phones of one person, those of former times too."""

    client: int
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)

    def add(self, said: Mapping[str, Any]) -> None:
        own = [one["address"] for one in said.get("emails") or ()]
        self.emails |= {one.lower() for one in [*own, said.get("email")] if one}
        numbers = [one["number"] for one in said.get("phones") or ()]
        self.phones |= {one for one in [*numbers, said.get("phone")] if one}


async def own_emails(client: ClientId) -> list[str]:
    """The emails on a client's card, in small letters, and those that were there once and are nobody else's now."""
    return [row["address"] for row in await db.fetch(_OWN, client)]


async def was_own(client: ClientId, email: str) -> bool:
    """Whether a client had an email on their card, in small letters, and not somebody of whom one speaks with."""
    return bool(await db.fetchval(_WAS_OWN, client, email))


async def is_ever_of(client: ClientId, emails: Collection[str]) -> bool:
    """Whether a client was ever reached under one of these emails, or a phone of whoever is or was under one.

    Others are looked for by the emails that they have now.
    """
    rows = await db.fetch(_NOW, list(emails))
    people: dict[tuple[str, int], _Person] = {}
    for row in await db.fetch(_EVER, [client, *(one["client"] for one in rows)]):
        person = people.setdefault((row["entity"], row["id"]), _Person(row["client"]))
        person.add(json.loads(row["said"]))
    same = [one for one in people.values() if one.emails & set(emails)]
    phones = {phone for one in same for phone in one.phones}
    return any(one.client == client and (one in same or one.phones & phones) for one in people.values())
