"""Use cases of erasing a single note, contact or site of a client for good, one that was removed before, too."""

from __future__ import annotations

from piccolo.table import Table

from console.domain import db
from console.domain.clients import parts, steps
from console.domain.clients.tables import ClientContact, ClientNote, ClientSite
from console.domain.errors import NotFound
from console.domain.ids import ClientId, ContactId, NoteId, SiteId
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission


@operation("client_contact.erase", permission=Permission.CLIENT_ERASE, undo=FINAL)
async def erase_contact(op: Operation, contact: ContactId) -> dict[str, int]:
    """Erase a person to speak with: what was said of them goes, former values too. Raises `NotFound` if it is gone."""
    return {"client_contact": contact, "of": await _erase(op, ClientContact, contact)}


@operation("client_note.erase", permission=Permission.CLIENT_ERASE, undo=FINAL)
async def erase_note(op: Operation, note: NoteId) -> dict[str, int]:
    """Erase a note, former wordings too. Raises `NotFound` if it is gone."""
    return {"client": await _erase(op, ClientNote, note), "note": note}


@operation("client_site.erase", permission=Permission.CLIENT_ERASE, undo=FINAL)
async def erase_site(op: Operation, site: SiteId) -> dict[str, int]:
    """Erase a place where the work is done, former values too. Raises `NotFound` if it is gone.

    Who looks on refuses it while bookings go there.
    """
    return {"client_site": site, "of": await _erase(op, ClientSite, site)}


async def _erase(op: Operation, table: type[Table], part: int) -> ClientId:
    """Remove it where it stands, and empty it; the pseudonymous row stays. Raises `NotFound`."""
    name = table._meta.tablename
    client = await parts.whose(name, part)
    await steps.lock_to_edit(op, client)
    if await db.fetchval(f'SELECT retired_at IS NULL FROM "{name}" WHERE id = $1', part):  # noqa: S608
        await op.update(table, part, None, {"retired_at": op.now})
    fields = await op.erase(table, part)
    if not fields:
        raise NotFound
    op.effect("erase.goes", entity=name, count=1, fields=list(fields))
    op.ring("erasure")
    return client
