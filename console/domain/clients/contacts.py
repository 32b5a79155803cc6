"""Use cases of whom to speak with at a client's, and of where the work is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from console.domain.clients import rules, steps
from console.domain.clients.tables import ClientContact, ClientSite
from console.domain.errors import Invalid
from console.domain.ids import ClientId, ContactId, SiteId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.text import fold

# `of` in a result is no entity's name: the trail speaks of the contact or the site.


@dataclass(frozen=True)
class AboutContact:
    """What is said of a person to speak with. `phone` as E.164, `email` in lower case."""

    name: str
    role: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class AboutSite:
    """What is said of a place where the work is done. `note`: how to get in."""

    address: str
    name: str | None = None
    note: str | None = None


@operation("client_contact.add", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def add_contact(op: Operation, client: ClientId, about: AboutContact) -> dict[str, int]:
    """Add a person to speak with; the client is found by them, too. Raises `Invalid`, `NotFound`."""
    await steps.lock_to_edit(op, client)
    contact = await op.insert(ClientContact, client=client, **_contact(about))
    return {"client_contact": contact, "of": client}


@operation("client_contact.change", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def change_contact(op: Operation, contact: ContactId, version: int, about: AboutContact) -> dict[str, int]:
    """Change what is said of them. Raises `Invalid`, `PartRemoved`, `Stale`."""
    client = await steps.lock_part(op, ClientContact, contact)
    await op.update(ClientContact, contact, version, _contact(about))
    return {"client_contact": contact, "of": client}


@operation("client_contact.remove", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def remove_contact(op: Operation, contact: ContactId, version: int | None = None) -> dict[str, int]:
    """They are not to be spoken with any more, as they were read. Raises `PartRemoved`, `Stale`."""
    client = await steps.lock_part(op, ClientContact, contact)
    await op.update(ClientContact, contact, version, {"retired_at": op.now})
    return {"client_contact": contact, "of": client}


def _contact(about: AboutContact) -> dict[str, object]:
    if problem := rules.contact_problem(about.name):
        raise Invalid({"name": problem})
    return {**asdict(about), "folded": fold(about.name)}


@operation("client_site.add", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def add_site(op: Operation, client: ClientId, about: AboutSite) -> dict[str, int]:
    """Add a place where the work is done. Raises `NotFound`."""
    await steps.lock_to_edit(op, client)
    site = await op.insert(ClientSite, client=client, **asdict(about))
    return {"client_site": site, "of": client}


@operation("client_site.change", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def change_site(op: Operation, site: SiteId, version: int, about: AboutSite) -> dict[str, int]:
    """Change what is said of a place. Raises `PartRemoved`, `Stale`."""
    client = await steps.lock_part(op, ClientSite, site)
    await op.update(ClientSite, site, version, asdict(about))
    return {"client_site": site, "of": client}


@operation("client_site.remove", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def remove_site(op: Operation, site: SiteId, version: int | None = None) -> dict[str, int]:
    """Nothing is done there any more, as it was read. Raises `PartRemoved`, `Stale`."""
    client = await steps.lock_part(op, ClientSite, site)
    await op.update(ClientSite, site, version, {"retired_at": op.now})
    return {"client_site": site, "of": client}
