"""Who is named in the books: who does the work, and whom it is done for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from console.domain import db
from console.domain.catalogue.tables import Skill
from console.domain.clients.rules import LONGEST_NAME, Names
from console.domain.clients.tables import Client, ClientProfile
from console.domain.imports.known import known, note
from console.domain.imports.rules.rows import Guest
from console.domain.imports.settings import Setting
from console.domain.roster.rules import BookableKind
from console.domain.roster.steps import position_of_new
from console.domain.roster.tables import Bookable, Schedule
from console.domain.running import Operation
from console.domain.text import fold


async def take_staff(op: Operation, of: Setting, names: Sequence[str], since: date) -> None:
    """Add people of these names who are not there yet, at the location whenever it is open, from a date on."""
    there = await staff()
    fresh = {fold(name): name for name in names if fold(name) not in there}
    position = await position_of_new(BookableKind.PERSON)
    values = [{"kind": BookableKind.PERSON.value, "name": name, "position": position} for name in fresh.values()]
    ids = await op.insert_many(Bookable, values)
    await op.insert_many(
        Schedule, [{"bookable": id_, "location": of.location, "valid_from": since, "hours": None} for id_ in ids]
    )
    await note(op, of, "bookable", dict(zip(fresh, ids, strict=True)))


async def staff() -> dict[str, int]:
    """Who there is, by their names, folded."""
    rows = await db.fetch("SELECT id, name FROM bookable WHERE kind = 'person' ORDER BY retired_at NULLS LAST, id DESC")
    return {fold(row["name"]): row["id"] for row in rows}


async def train(op: Operation, pairs: Sequence[tuple[int, int]]) -> None:
    """Note that people can do what they were booked for."""
    rows = await db.fetch("SELECT bookable, service FROM skill WHERE retired_at IS NULL")
    fresh = sorted(set(pairs) - {(row["bookable"], row["service"]) for row in rows})
    await op.insert_many(Skill, [{"bookable": bookable, "service": service} for bookable, service in fresh])


async def take_guests(op: Operation, of: Setting, guests: Sequence[Guest]) -> dict[str, int]:
    """Add the clients that are not there yet, by their keys, or by a phone or an email that is one client's alone.

    Without a code also by a name that is one client's alone of those who came from the same source.

    Answers those that were added, by their keys.
    """
    there = await known(of, "client", (guest.key for guest in guests))
    missing = [guest for guest in guests if guest.key not in there]
    met = await _met(of, missing)
    fresh = [guest for guest in missing if guest.key not in met]
    ids = await op.insert_many(Client, [{"pseudonym": uuid4()} for _ in fresh])
    await op.insert_many(ClientProfile, [_profile(of, guest, client) for guest, client in zip(fresh, ids, strict=True)])
    added = {guest.key: client for guest, client in zip(fresh, ids, strict=True)}
    await note(op, of, "client", {**added, **met})
    return added


def _profile(of: Setting, guest: Guest, client: int) -> dict[str, Any]:
    names = _names(guest)
    return {
        "client": client,
        "given_name": names.given,
        "family_name": names.family,
        "folded": names.folded,
        "phones": [{"number": guest.phone, "label": ""}] if guest.phone else [],
        "emails": [{"address": guest.email, "label": ""}] if guest.email else [],
        "birthday": _born(guest.birthday, of.today) if guest.birthday else None,
        "tags": [],
        "joined_on": of.today if guest.joined_on == date.min else min(guest.joined_on, of.today),
    }


def _born(birthday: str, today: date) -> str:
    """A year of two digits that is still to come was one of the century before."""
    on = date.fromisoformat(birthday)
    return (on if on <= today else on.replace(year=on.year - 100)).isoformat()


async def _met(of: Setting, guests: Sequence[Guest]) -> Mapping[str, int]:
    """Who of them is there already: the one client that can be reached as they can.

    Without a code it has the same name where that is by an email, which families share.
    Nobody is another one of the same run, nor whoever has another code in the same source: they share a phone.
    """
    reached = await _reached(guests)
    named = await _named(of, [guest for guest in guests if not guest.coded])
    known_by = await _known_by(of, [*reached.values(), *named.values()])
    met: dict[int, str] = {}
    for guest in guests:
        client = reached.get(guest.key, named.get(guest.key))
        if client is not None and not (client in known_by and (guest.coded or known_by[client])):
            met.setdefault(client, guest.key)
    return {key: client for client, key in met.items()}


async def _reached(guests: Sequence[Guest]) -> Mapping[str, int]:
    """Whom each can be by a phone, else by an email, where that is one client."""
    there: dict[str, dict[int, str]] = defaultdict(dict)
    for row in await db.fetch(
        "SELECT r.value, r.client, coalesce(p.folded, '') AS folded FROM client_reach r"
        " LEFT JOIN client_profile p ON p.client = r.client"
        " WHERE NOT r.retired AND r.value = ANY($1::text[]) AND r.kind IN ('phone', 'email')",
        [reach for guest in guests for reach in _reaches(guest)],
    ):
        there[row["value"]][row["client"]] = row["folded"]
    found: dict[str, int] = {}
    for guest in guests:
        for reach in _reaches(guest):
            theirs = there[reach]
            if reach == guest.email and guest.named and not guest.coded:
                nobody = Names(guest.email[:LONGEST_NAME], None, None).folded
                theirs = {one: name for one, name in theirs.items() if name in (_names(guest).folded, nobody)}
            if len(theirs) == 1:
                found.setdefault(guest.key, *theirs)
    return found


async def _named(of: Setting, guests: Sequence[Guest]) -> Mapping[str, int]:
    """Who of those without codes came from the same source by the same name, and is not reached otherwise now."""
    if not guests:
        return {}
    rows = await db.fetch(
        "SELECT folded, min(client) AS client, bool_or(phones <> '[]') AS phone, bool_or(emails <> '[]') AS email"
        " FROM client_profile WHERE folded = ANY($2::text[])"
        " AND client IN (SELECT entity_id FROM import_key WHERE source = $1 AND kind = 'client')"
        " GROUP BY folded HAVING count(*) = 1",
        of.source,
        [_names(guest).folded for guest in guests if guest.given and guest.family],
    )
    there = {row["folded"]: row for row in rows}
    return {
        guest.key: one["client"]
        for guest in guests
        if (one := there.get(_names(guest).folded))
        and not (guest.phone and one["phone"])
        and not (guest.email and one["email"])
    }


def _names(guest: Guest) -> Names:
    return Names(guest.given or None, None, guest.family or None)


def _reaches(guest: Guest) -> list[str]:
    """By what they are reached, as it is looked for."""
    return [reach for reach in (guest.phone[1:][::-1], guest.email) if reach]


async def _known_by(of: Setting, clients: Iterable[int]) -> Mapping[int, bool]:
    """Which clients a source knows already, and whether by this run."""
    rows = await db.fetch(
        "SELECT entity_id, bool_or(run = $3) AS now FROM import_key WHERE source = $1 AND kind = 'client'"
        " AND entity_id = ANY($2::bigint[]) GROUP BY 1",
        of.source,
        list(clients),
        of.run,
    )
    return {row["entity_id"]: row["now"] for row in rows}


async def clients(of: Setting, keys: Sequence[str]) -> dict[str, int]:
    """The clients behind keys; those that were erased since are nobody any more."""
    there = await known(of, "client", keys)
    rows = await db.fetch(
        "SELECT id FROM client WHERE id = ANY($1::bigint[]) AND erased_at IS NULL", list(there.values())
    )
    living = {row["id"] for row in rows}
    return {key: client for key, client in there.items() if client in living}
