"""What is here already by another key: files without codes may say more of people than before, or less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from console.domain import db
from console.domain.imports.known import known
from console.domain.imports.rules.rows import Guest
from console.domain.imports.settings import Setting
from console.domain.text import fold


class Theirs(NamedTuple):
    """Something of a client. `key_of`: the key that it has where files name its client so."""

    guest: Guest
    key_of: Callable[[str], str]


async def known_otherwise(
    of: Setting, kind: str, things: Iterable[Theirs], clients: Mapping[str, int]
) -> dict[str, int]:
    """The visits or bookings (`kind`) that came by another name of the same client, by the keys that they have now."""
    whose = {
        one.key_of(one.guest.key): (one, clients[one.guest.key])
        for one in things
        if not one.guest.coded and one.guest.key in clients
    }
    if not whose:
        return {}
    names = await _names({client for _, client in whose.values()})
    spelt: dict[str, set[str]] = defaultdict(set)
    for key, (one, client) in whose.items():
        guest = one.guest
        said = (guest.phone, guest.email, guest.name, f"{guest.email} {guest.name}")
        for name in {*names[client], *map(fold, said)} - {""}:
            spelt[one.key_of(name)].add(key)
    became = await known(of, kind, spelt)
    rows = await db.fetch(f"SELECT id, client FROM {kind} WHERE id = ANY($1::bigint[])", list(became.values()))  # noqa: S608
    theirs = {(row["id"], row["client"]) for row in rows}
    return {key: id_ for other, id_ in became.items() for key in spelt[other] if (id_, whose[key][1]) in theirs}


async def _names(clients: set[int]) -> Mapping[int, set[str]]:
    """What files may call clients: by a phone, an email or their name."""
    rows = await db.fetch(
        "SELECT client, name FROM client_profile,"
        " LATERAL (SELECT one ->> 'number' FROM jsonb_array_elements(phones) one"
        " UNION ALL SELECT one ->> 'address' FROM jsonb_array_elements(emails) one"
        " UNION ALL SELECT concat_ws(' ', given_name, family_name)) AS said (name) WHERE client = ANY($1::bigint[])",
        list(clients),
    )
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        found[row["client"]].add(fold(row["name"]))
    return found
