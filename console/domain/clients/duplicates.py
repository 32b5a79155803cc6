"""Clients who may be the one that is being taken in: the same phone, the same email, or nearly the same name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.clients import finding, queries, typed
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import Email, Names, Phone
from console.domain.errors import Refused
from console.domain.ids import ClientId
from console.domain.text import fold

MOST = 5
"""Clients that are shown."""
MOST_REACHED = 50
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

    @property
    def order(self) -> tuple[bool, int, int]:
        """Those who still come before others, then those who are alike in more."""
        alike = 2 * len(self.phones) + 2 * len(self.emails) + self.name
        return self.client.retired_at is not None, -alike, -self.client.id


class PossibleDuplicates(Refused):
    """There are clients who may be the same, and whoever asked has not seen them yet."""

    key = "refused.possible_duplicates"


async def duplicates(names: Names, phones: Sequence[Phone], emails: Sequence[Email]) -> list[Duplicate]:
    """The clients who may be the same, the likeliest first; those who come no more too, erased ones never."""
    same_phones = await _by_phone(phones)
    same_emails = await _by_email(emails)
    close = await _by_name(names)
    ids = list(dict.fromkeys([*same_phones, *same_emails, *close]))
    found = [
        Duplicate(one, same_phones.get(one.id, ()), same_emails.get(one.id, ()), one.id in close)
        for one in await queries.clients(ids)
        if one.erased_at is None
    ]
    alike = [one for one in found if one.phones or one.emails or not _told_apart(names, one.client.names)]
    return sorted(alike, key=lambda one: one.order)[:MOST]


async def refuse_unseen(
    names: Names, phones: Sequence[Phone], emails: Sequence[Email], seen: Sequence[ClientId]
) -> None:
    """Raise `PossibleDuplicates` unless everybody who may be the same was seen."""
    if {one.client.id for one in await duplicates(names, phones, emails)} - set(seen):
        raise PossibleDuplicates


async def _by_phone(phones: Sequence[Phone]) -> dict[int, tuple[str, ...]]:
    backwards = {re.sub(r"\D", "", one.number)[::-1]: one.number for one in phones}
    rows = await db.fetch(
        "SELECT client, value FROM client_reach WHERE kind = 'phone' AND value = ANY($1::text[])"
        " ORDER BY retired, client DESC, value LIMIT $2",
        list(backwards),
        MOST_REACHED,
    )
    return _collected((row["client"], backwards[row["value"]]) for row in rows)


async def _by_email(emails: Sequence[Email]) -> dict[int, tuple[str, ...]]:
    """Whole addresses only: clients are found by the parts of theirs as well."""
    rows = await db.fetch(
        "SELECT r.client, r.value FROM client_reach r WHERE r.kind = 'email' AND r.value = ANY($1::text[]) AND ("
        " EXISTS (SELECT FROM client_profile p, jsonb_array_elements(p.emails) e"
        " WHERE p.client = r.client AND lower(e ->> 'address') = r.value)"
        " OR EXISTS (SELECT FROM client_contact c"
        " WHERE c.client = r.client AND c.retired_at IS NULL AND lower(c.email) = r.value)"
        ") ORDER BY r.retired, r.client DESC, r.value LIMIT $2",
        [one.address.lower() for one in emails],
        MOST_REACHED,
    )
    return _collected((row["client"], row["value"]) for row in rows)


def _collected(pairs: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for client, value in pairs:
        found[client] = (*found.get(client, ()), value)
    return found


async def _by_name(names: Names) -> set[int]:
    """A person by given and family name together, a company by its name: one alone of the two is too common."""
    searches = []
    if names.given and names.family:
        searches.append(typed.words(fold(f"{names.family} {names.given}")))
    if names.company:
        searches.append([word for word in typed.words(fold(names.company)) if word not in LEGAL_FORMS])
    return {hit.client for words in searches if words for hit in await finding.called(words[: typed.MOST_WORDS])}


def _told_apart(one: Names, other: Names) -> bool:
    """Whether two persons of one name have other middle names; an initial may be any that begins so."""
    mine, theirs = (fold(names.middle or "").strip(". ") for names in (one, other))
    begins = mine.startswith(theirs) or theirs.startswith(mine)
    return not begins and not typed.one_typo(mine, theirs)
