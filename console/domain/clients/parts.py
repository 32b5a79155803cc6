"""What pages and other concepts read of what belongs to a client: notes, contacts, sites, consents, cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients.rules import Agreed, Channel, ConsentSource, Purpose, site_words
from console.domain.errors import NotFound
from console.domain.ids import CardId, ClientId, ContactId, NoteId, SiteId


@dataclass(frozen=True)
class NoteView:
    """A note as it stands; `actor` wrote it so, at `at`."""

    id: NoteId
    client: ClientId
    version: int
    operation: int
    text: str
    loud: bool
    actor: int
    at: datetime


@dataclass(frozen=True)
class ContactView:
    """A person to speak with; `phone` as E.164."""

    id: ContactId
    client: ClientId
    version: int
    operation: int
    name: str
    role: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True)
class SiteView:
    """A place where the work is done; `note`: how to get in."""

    id: SiteId
    client: ClientId
    version: int
    operation: int
    name: str | None
    address: str
    note: str | None

    @property
    def shown(self) -> str:
        return self.name or self.address

    @property
    def words(self) -> str:
        """Its name and its address."""
        return site_words(self.name, self.address)


ERASABLE = {"client_contact": "name", "client_note": "text", "client_site": "address"}
"""What may be erased by itself, with the column of each that is never empty until it is."""


@dataclass(frozen=True)
class Removed:
    """A note, contact or site that was removed and is still kept: its entity, what it says or is called, since when."""

    entity: str
    id: int
    said: str
    at: datetime


@dataclass(frozen=True)
class ConsentEntry:
    """An entry of the consent log: since `at`, written down by `actor` in `operation`.

    `on`: the business date that it was said, where no more than the day is known; `at` is its end then.
    """

    id: int
    channel: Channel
    purpose: Purpose
    given: bool
    at: datetime
    source: ConsentSource
    operation: int
    actor: int
    on: date | None = None


@dataclass(frozen=True)
class CardView:
    """A card that was given to a client; one with a `lost_at` is good no more."""

    id: CardId
    number: str
    issued_at: datetime
    lost_at: datetime | None


_NOTES = (
    "SELECT n.id, n.client, n.version, n.operation, n.text, n.loud, o.actor, o.at FROM client_note n"
    " JOIN operation o ON o.id = n.operation WHERE n.retired_at IS NULL AND n.text IS NOT NULL"
)


async def whose(entity: str, part: int) -> ClientId:
    """The client of a note, contact or site, a removed one too. Raises `NotFound`."""
    client = await db.fetchval(f'SELECT client FROM "{entity}" WHERE id = $1', part)  # noqa: S608
    if client is None:
        raise NotFound
    return ClientId(client)


async def notes(client: int) -> list[NoteView]:
    """A client's notes, those that jump out first, then the newest."""
    rows = await db.fetch(f"{_NOTES} AND n.client = $1 ORDER BY n.loud DESC, n.id DESC", client)
    return [NoteView(**row) for row in rows]


async def note(note_id: int) -> NoteView:
    """One note. Raises `NotFound`, for a removed one too."""
    row = await db.fetchrow(f"{_NOTES} AND n.id = $1", note_id)
    if row is None:
        raise NotFound
    return NoteView(**row)


LOUDEST = (
    "(SELECT n.text FROM client_note n WHERE n.client = b.client AND n.loud AND n.retired_at IS NULL"
    " ORDER BY n.id DESC LIMIT 1)"
)
"""The newest note that jumps out of the client of a row `b`, for statements that read many of these."""

SITE = "CASE WHEN z.id IS NOT NULL THEN coalesce(z.name, z.address, '') END"
"""What the site of an outer joined row `z` is called, '' for one that was erased, NULL for none."""


_CONTACTS = (
    "SELECT id, client, version, operation, name, role, phone, email FROM client_contact"
    " WHERE retired_at IS NULL AND name IS NOT NULL"
)


async def contacts(client: int) -> list[ContactView]:
    """The people to speak with, in the order that they were added."""
    return [ContactView(**row) for row in await db.fetch(f"{_CONTACTS} AND client = $1 ORDER BY id", client)]


async def contacts_of(clients: Sequence[int]) -> dict[ClientId, list[ContactView]]:
    """The people to speak with at several clients, in the same order; clients without any are left out."""
    found: dict[ClientId, list[ContactView]] = {}
    for row in await db.fetch(f"{_CONTACTS} AND client = ANY($1::bigint[]) ORDER BY id", list(clients)):
        found.setdefault(ClientId(row["client"]), []).append(ContactView(**row))
    return found


async def contact(contact_id: int) -> ContactView:
    """One person. Raises `NotFound`, for a removed one too."""
    row = await db.fetchrow(f"{_CONTACTS} AND id = $1", contact_id)
    if row is None:
        raise NotFound
    return ContactView(**row)


_SITES = (
    "SELECT id, client, version, operation, name, address, note FROM client_site"
    " WHERE retired_at IS NULL AND address IS NOT NULL"
)


async def sites(client: int) -> list[SiteView]:
    """The places where the work is done, in the order that they were added."""
    return [SiteView(**row) for row in await db.fetch(f"{_SITES} AND client = $1 ORDER BY id", client)]


async def site(site_id: int) -> SiteView:
    """One place. Raises `NotFound`, for a removed one too."""
    row = await db.fetchrow(f"{_SITES} AND id = $1", site_id)
    if row is None:
        raise NotFound
    return SiteView(**row)


async def removed(client: int) -> list[Removed]:
    """What was removed of a client's notes, contacts and sites and was not erased, the latest first."""
    of_one = (
        "SELECT '{0}' AS entity, id, {1} AS said, retired_at AS at FROM {0}"
        " WHERE client = $1 AND retired_at IS NOT NULL AND {1} IS NOT NULL"
    )
    union = " UNION ALL ".join(of_one.format(*one) for one in ERASABLE.items())
    rows = await db.fetch(f"{union} ORDER BY at DESC, entity, id", client)
    return [Removed(**row) for row in rows]


async def consent_log(client: int) -> list[ConsentEntry]:
    """Everything that a client ever consented to or took back, the latest first."""
    zone = (await business()).zone
    rows = await db.fetch(
        "SELECT c.id, c.channel, c.purpose, c.given, c.at, c.source, c.operation, o.actor, c.at <> o.at AS day_only"
        " FROM client_consent c"
        " JOIN operation o ON o.id = c.operation WHERE c.client = $1 ORDER BY c.id DESC",
        client,
    )
    return [
        ConsentEntry(
            row["id"],
            Channel(row["channel"]),
            Purpose(row["purpose"]),
            row["given"],
            row["at"],
            ConsentSource(row["source"]),
            row["operation"],
            row["actor"],
            clock.business_date(row["at"], zone) if row["day_only"] else None,
        )
        for row in rows
    ]


def holding(log: Sequence[ConsentEntry]) -> Agreed:
    """What holds by a log, the latest entry first: what was said last of each channel and purpose."""
    return {(one.channel, one.purpose): one.given for one in reversed(log)}


async def consents(client: int) -> Agreed:
    """What a client consents to now; what nothing was ever said of is left out and counts as no."""
    return holding(await consent_log(client))


async def cards(client: int) -> list[CardView]:
    """The cards that a client was given, the latest first; those that were issued by mistake are left out."""
    rows = await db.fetch(
        "SELECT k.id, k.number, o.at AS issued_at, k.lost_at FROM client_card k"
        " JOIN operation o ON o.id = coalesce((SELECT c.operation FROM change c"
        "  WHERE c.entity = 'client_card' AND c.entity_id = k.id AND c.created), k.operation)"
        " WHERE k.client = $1 AND k.retired_at IS NULL ORDER BY k.id DESC",
        client,
    )
    return [CardView(**row) for row in rows]
