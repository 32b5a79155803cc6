"""Use cases of clients: who they are, on and off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from console.domain.business import steps as business
from console.domain.clients import rules, steps
from console.domain.clients.duplicates import Duplicate, alone, duplicates, newly_met, refuse_unseen
from console.domain.clients.rules import Birthday, Email, Names, Phone, Preference, Source
from console.domain.clients.tables import Client, ClientNote, ClientProfile
from console.domain.errors import Invalid, NotFound, Problem, Refused, constraint
from console.domain.ids import BookableId, ClientId
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.running import Operation
from console.domain.team.rules import Permission

constraint("client_erased_check", NotFound)


@dataclass(frozen=True)
class About:
    """What is said of a client. Dates are business dates; `language` and `zone` None: those of the business.

    `channel` None: messages go as it comes.
    """

    names: Names
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    joined_on: date | None = None
    tax_number: str | None = None
    birthday: Birthday | None = None
    address: str | None = None
    language: str | None = None
    preferred: BookableId | None = None
    tags: tuple[str, ...] = ()
    source: Source | None = None
    channel: Preference | None = None
    zone: str | None = None


@dataclass(frozen=True)
class FirstNote:
    """What staff should know from the beginning; a `loud` one jumps out."""

    text: str
    loud: bool = False


class AlreadyRetired(Refused):
    """A client who is to be put away was so already."""

    key = "refused.client_retired"


@operation("client.add", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def add(
    op: Operation, about: About, seen: tuple[ClientId, ...] | None = None, note: FirstNote | None = None
) -> dict[str, int]:
    """Take in a client, joined today where nothing else is said, with a first note where there is one.

    `seen`: the clients that were shown as possibly the same; None: nobody is there to ask. Raises `Invalid`, and
    `PossibleDuplicates` where there are others than those.
    """
    values = await _profile(op, about)
    await steps.serves_here(about.preferred)
    if seen is not None:
        await alone(about.names, about.phones, about.emails)
        refuse_unseen(await duplicates(about.names, about.phones, about.emails), seen)
    client = await op.insert(Client, pseudonym=uuid4())
    await op.insert(ClientProfile, client=client, **values)
    if note is not None:
        await op.insert(ClientNote, client=client, text=note.text, loud=note.loud)
    return {"client": client}


@operation("client.change", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def change(
    op: Operation, client: ClientId, version: int, about: About, seen: tuple[ClientId, ...] | None = None
) -> dict[str, int]:
    """Change what is said of a client; `version` is that of the profile.

    `seen` as of `add`, of those whom they become like by the change. Raises `Invalid`, `Stale`, and
    `PossibleDuplicates` where there are others than those.
    """
    await steps.lock_to_edit(op, client)
    values = await _profile(op, about)
    profile = await steps.profile(client)
    if about.preferred != profile["preferred"]:
        await steps.serves_here(about.preferred)
    met: list[Duplicate] = []
    if seen is not None:
        await alone(about.names, about.phones, about.emails)
        met = await newly_met(client, about.names, about.phones, about.emails)
    await op.update(ClientProfile, profile["id"], version, values)
    refuse_unseen(met, seen or ())
    return {"client": client}


@operation("client.retire", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def retire(op: Operation, client: ClientId) -> dict[str, int]:
    """Put a client away: what happened stays, and they are still found, after the others.

    Raises `AlreadyRetired`.
    """
    row = await steps.lock(op, client)
    if row["retired_at"] is not None:
        raise AlreadyRetired
    await op.update(Client, client, None, {"retired_at": op.now})
    return {"client": client}


@operation("client.readmit", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def readmit(op: Operation, client: ClientId) -> dict[str, int]:
    """Take a client back among those who come."""
    await steps.lock(op, client)
    await op.update(Client, client, None, {"retired_at": None})
    return {"client": client}


async def _profile(op: Operation, about: About) -> Mapping[str, Any]:
    """The columns of a profile. Raises `Invalid` with every problem at once."""
    today = await business.today(op)
    joined_on = about.joined_on or today
    problems: dict[str, Problem | None] = {
        "given_name": rules.names_problem(about.names),
        "birthday": rules.birthday_problem(about.birthday, today) if about.birthday else None,
        "tags": rules.tags_problem(about.tags),
        "phones": rules.reaches_problem(about.phones),
        "emails": rules.reaches_problem(about.emails),
        "joined_on": Problem("problem.joined_later") if joined_on > today else None,
    }
    if found := {field: problem for field, problem in problems.items() if problem}:
        raise Invalid(found)
    if await steps.is_cards_number(about.names):
        raise Invalid({"given_name": Problem("problem.name_is_card")})
    return {
        "given_name": about.names.given,
        "middle_name": about.names.middle,
        "family_name": about.names.family,
        "company": about.names.company,
        "folded": about.names.folded,
        "tax_number": about.tax_number,
        "phones": to_plain(about.phones),
        "emails": to_plain(about.emails),
        "birthday": about.birthday.plain if about.birthday else None,
        "address": about.address,
        "language": about.language,
        "preferred": about.preferred,
        "tags": list(about.tags),
        "joined_on": joined_on,
        "source": about.source.value if about.source else None,
        "channel": about.channel.value if about.channel else None,
        "zone": about.zone,
    }
