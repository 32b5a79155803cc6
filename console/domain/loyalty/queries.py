"""What pages and other concepts read of the programme."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from console.domain import clock, db
from console.domain.audit.naming import Name, named
from console.domain.business.queries import business
from console.domain.clients.queries import client_names
from console.domain.errors import NotFound
from console.domain.ids import CategoryId, ClientId, FixedCardId, MembershipId, VersionId
from console.domain.loyalty.rules.programme import Programme, Version, Versions
from console.domain.loyalty.rules.written import read


@dataclass(frozen=True)
class VersionView:
    """A version of the programme, or its draft (no `number` nor date)."""

    id: VersionId
    version: int
    operation: int
    number: int | None
    effective_from: date | None
    published_at: datetime | None
    retired_at: datetime | None
    programme: Programme


_VERSIONS = (
    "SELECT id, version, operation, number, effective_from, published_at, retired_at, rules FROM programme_version"
)


async def draft() -> VersionView | None:
    """The draft, if there is one."""
    row = await db.fetchrow(f"{_VERSIONS} WHERE published_at IS NULL AND retired_at IS NULL")
    return _view(row) if row else None


async def version(number: int) -> VersionView:
    """A published version by its number, withdrawn ones too. Raises `NotFound`."""
    row = await db.fetchrow(f"{_VERSIONS} WHERE number = $1", number)
    if row is None:
        raise NotFound
    return _view(row)


async def by_id(version: VersionId) -> VersionView:
    """A version or draft, dropped and withdrawn ones too. Raises `NotFound`."""
    row = await db.fetchrow(f"{_VERSIONS} WHERE id = $1", version)
    if row is None:
        raise NotFound
    return _view(row)


async def published() -> Sequence[VersionView]:
    """The versions that are or come into force, by their dates, the latest first."""
    rows = await db.fetch(
        f"{_VERSIONS} WHERE published_at IS NOT NULL AND retired_at IS NULL ORDER BY effective_from DESC"
    )
    return [_view(row) for row in rows]


async def numbered() -> Sequence[VersionView]:
    """Every version that was ever published, withdrawn ones too, by their dates, the latest first."""
    rows = await db.fetch(f"{_VERSIONS} WHERE published_at IS NOT NULL ORDER BY effective_from DESC, number DESC")
    return [_view(row) for row in rows]


async def versions() -> Versions:
    """All rules that are or come into force, for the engine."""
    return Versions.of(
        Version(one.effective_from, one.programme, one.number)
        for one in await published()
        if one.effective_from is not None and one.number is not None
    )


async def in_force(now: datetime) -> Version:
    """The version in force at an instant, by the business date; number 0 before the first one."""
    return (await versions()).version(clock.business_date(now, (await business()).zone))


@dataclass(frozen=True)
class MembershipView:
    """That a client accepted the rules of a version, when, and who noted it."""

    id: MembershipId
    version: int
    operation: int
    number: int
    at: datetime
    actor: int


async def membership(client: ClientId) -> MembershipView | None:
    """What a client accepted last; None: nothing, or they took it back."""
    row = await db.fetchrow(
        "SELECT m.id, m.version, m.operation, m.number, m.at, o.actor FROM membership m"
        " JOIN operation o ON o.id = m.operation WHERE m.client = $1 AND m.retired_at IS NULL",
        client,
    )
    return MembershipView(**row) if row else None


@dataclass(frozen=True)
class FixedCardView:
    """The discount that a client holds instead of a tier; `categories` None: on all services."""

    id: FixedCardId
    version: int
    operation: int
    bp: int
    categories: Sequence[CategoryId] | None
    valid_from: date


async def fixed_card(client: ClientId) -> FixedCardView | None:
    """The fixed card that a client holds."""
    row = await db.fetchrow(
        "SELECT id, version, operation, bp, categories, valid_from FROM fixed_card"
        " WHERE client = $1 AND retired_at IS NULL",
        client,
    )
    return FixedCardView(**row) if row else None


async def ever_fixed() -> Sequence[ClientId]:
    """The clients who hold a fixed card, or once held one, by their ids."""
    return [row["client"] for row in await db.fetch("SELECT DISTINCT client FROM fixed_card ORDER BY client")]


async def was_stamped(client: ClientId, on: date) -> bool:
    """Whether a visit of a client's on a date has ever earned a stamp."""
    sql = (
        "SELECT EXISTS (SELECT FROM loyalty_entry WHERE client = $1 AND unit = 'stamp' AND verb = 'earn'"
        ' AND "on" = $2 AND visit IS NOT NULL)'
    )
    return bool(await db.fetchval(sql, client, on))


def _view(row: Mapping[str, Any]) -> VersionView:
    known = {key: value for key, value in row.items() if key != "rules"}
    return VersionView(**known, programme=_programme(row["id"], row["rules"]))


@lru_cache(128)
def _programme(version: int, rules: str) -> Programme:
    """Each version's own one, also where others have the same rules: another version in force is another programme."""
    return read(json.loads(rules))


@named("programme_version")
async def version_names(ids: Sequence[int]) -> dict[int, Name]:
    """The numbers of published versions."""
    sql = "SELECT id, number FROM programme_version WHERE id = ANY($1::bigint[]) AND number IS NOT NULL"
    return {row["id"]: Name(str(row["number"]), person=True) for row in await db.fetch(sql, list(ids))}


@named("loyalty_account")
async def account_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose accounts they are."""
    return await _whose("loyalty_account", ids)


@named("loyalty_entry")
async def entry_names(ids: Sequence[int]) -> dict[int, Name]:
    """In whose ledgers they are."""
    return await _whose("loyalty_entry", ids)


@named("tier_entry")
async def tier_entry_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose tiers they are about."""
    return await _whose("tier_entry", ids)


@named("membership")
async def membership_names(ids: Sequence[int]) -> dict[int, Name]:
    """Who accepted rules."""
    return await _whose("membership", ids)


@named("fixed_card")
async def fixed_card_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose fixed cards they are."""
    return await _whose("fixed_card", ids)


async def _whose(table: str, ids: Sequence[int]) -> dict[int, Name]:
    rows = await db.fetch(f"SELECT id, client FROM {table} WHERE id = ANY($1::bigint[])", list(ids))  # noqa: S608
    called = await client_names([row["client"] for row in rows])
    return {row["id"]: called[row["client"]] for row in rows if row["client"] in called}
