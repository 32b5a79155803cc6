"""What pages and other concepts read of a client."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.clients.rules import Birthday, Email, Names, Phone, Preference
from console.domain.errors import NotFound
from console.domain.ids import BookableId, ClientId

NEWEST = 2000
"""Clients whose tags are offered."""


@dataclass(frozen=True)
class ClientView:
    """A client as the card, lists and forms show them. `version` and `operation` are those of the profile.

    An erased one has no names, `phones`, `emails`, and an `erased_at`. `loud`: the newest note that jumps out.
    `channel` and `zone`: how messages go to them, and by which clock; None as everywhere.
    """

    id: ClientId
    pseudonym: UUID
    profile: int
    version: int
    operation: int
    retired_at: datetime | None
    erased_at: datetime | None
    names: Names
    tax_number: str | None
    phones: tuple[Phone, ...]
    emails: tuple[Email, ...]
    birthday: Birthday | None
    address: str | None
    language: str | None
    preferred: BookableId | None
    preferred_name: str | None
    tags: tuple[str, ...]
    joined_on: date
    source: str | None
    channel: Preference | None
    zone: str | None
    card: str | None
    loud: str | None

    @property
    def is_company(self) -> bool:
        return self.names.company is not None


_CLIENTS = """
    SELECT c.id, c.pseudonym, c.retired_at, c.erased_at, p.id AS profile, p.version, p.operation, p.given_name,
        p.middle_name, p.family_name, p.company, p.tax_number, p.phones, p.emails, p.birthday,
        p.address, p.language, p.preferred, b.name AS preferred_name, p.tags, p.joined_on, p.source, p.channel, p.zone,
        k.number AS card, (SELECT n.text FROM client_note n
            WHERE n.client = c.id AND n.loud AND n.retired_at IS NULL ORDER BY n.id DESC LIMIT 1) AS loud
    FROM client c JOIN client_profile p ON p.client = c.id LEFT JOIN bookable b ON b.id = p.preferred
    LEFT JOIN client_card k ON k.client = c.id AND k.retired_at IS NULL AND k.lost_at IS NULL
"""


async def client(client_id: int) -> ClientView:
    """One client, an erased one too. Raises `NotFound`."""
    row = await db.fetchrow(f"{_CLIENTS} WHERE c.id = $1", client_id)
    if row is None:
        raise NotFound
    return _client(row)


async def clients(ids: Sequence[int]) -> list[ClientView]:
    """Clients by their ids, in that order; unknown ids are left out."""
    rows = await db.fetch(f"{_CLIENTS} WHERE c.id = ANY($1::bigint[])", list(ids))
    found = {row["id"]: _client(row) for row in rows}
    return [found[one] for one in ids if one in found]


async def tags_in_use(limit: int = 12) -> list[str]:
    """The tags that the newest clients have most often."""
    rows = await db.fetch(
        "SELECT tag FROM (SELECT tags FROM client_profile ORDER BY id DESC LIMIT $2) p, unnest(p.tags) AS tag"
        " GROUP BY tag ORDER BY count(*) DESC, tag LIMIT $1",
        limit,
        NEWEST,
    )
    return [row["tag"] for row in rows]


def _client(row: Mapping[str, Any]) -> ClientView:
    return ClientView(
        **{key: row[key] for key in _AS_THEY_ARE},
        names=_called(row),
        phones=tuple(Phone(**one) for one in json.loads(row["phones"])),
        emails=tuple(Email(**one) for one in json.loads(row["emails"])),
        birthday=Birthday.read(row["birthday"]) if row["birthday"] else None,
        channel=Preference(row["channel"]) if row["channel"] else None,
        tags=tuple(row["tags"]),
    )


_AS_THEY_ARE = (
    *("id", "pseudonym", "profile", "version", "operation", "retired_at", "erased_at", "tax_number", "address"),
    *("language", "preferred", "preferred_name", "joined_on", "source", "zone", "card", "loud"),
)


ERASED = Name("", person=True, key="words.erased_client")


async def _names(table: str, column: str, ids: Sequence[int]) -> dict[int, Name]:
    """What the clients are called that rows belong to, or that they were erased."""
    rows = await db.fetch(
        f"SELECT t.id, p.given_name, p.middle_name, p.family_name, p.company FROM {table} t"  # noqa: S608
        f" JOIN client_profile p ON p.client = t.{column} WHERE t.id = ANY($1::bigint[])",
        list(ids),
    )
    return {row["id"]: Name(_called(row).shown, person=True) if _called(row).folded else ERASED for row in rows}


def _called(row: Mapping[str, Any]) -> Names:
    return Names(row["given_name"], row["middle_name"], row["family_name"], row["company"])


@named("client")
async def client_names(ids: Sequence[int]) -> dict[int, Name]:
    """What clients are called."""
    return await _names("client", "id", ids)


@named("client_profile")
async def profile_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose profiles they are."""
    return await _names("client_profile", "client", ids)


@named("client_note")
async def note_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of whom they are."""
    return await _names("client_note", "client", ids)


@named("client_consent")
async def consent_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose consents they are."""
    return await _names("client_consent", "client", ids)


@named("client_card")
async def card_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose cards they are."""
    return await _names("client_card", "client", ids)


@named("client_contact")
async def contact_names(ids: Sequence[int]) -> dict[int, Name]:
    """What people to speak with are called; those of erased clients are left out."""
    rows = await db.fetch(
        "SELECT id, name FROM client_contact WHERE id = ANY($1::bigint[]) AND name IS NOT NULL", list(ids)
    )
    return {row["id"]: Name(row["name"], person=True) for row in rows}


@named("client_site")
async def site_names(ids: Sequence[int]) -> dict[int, Name]:
    """What the places where the work is done are called, else their addresses."""
    rows = await db.fetch(
        "SELECT id, coalesce(name, address) AS name FROM client_site WHERE id = ANY($1::bigint[])"
        " AND coalesce(name, address) IS NOT NULL",
        list(ids),
    )
    return {row["id"]: Name(row["name"]) for row in rows}


async def selected(rest: str, *args: Any) -> list[ClientView]:
    """Clients by the rest of a statement, from WHERE on, about a client `c` and a profile `p`."""
    return [_client(row) for row in await db.fetch(f"{_CLIENTS} {rest}", *args)]
