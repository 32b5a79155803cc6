"""Use cases of notes: what staff should know of a client."""

from __future__ import annotations

from console.domain.clients import steps
from console.domain.clients.tables import ClientNote
from console.domain.ids import ClientId, NoteId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission

# `note` in a result is no entity's name: the trail speaks of the client.


@operation("client_note.add", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def add(op: Operation, client: ClientId, text: str, loud: bool = False) -> dict[str, int]:
    """Note something of a client; a `loud` note jumps out wherever they are shown. Raises `NotFound`."""
    await steps.lock_to_edit(op, client)
    note = await op.insert(ClientNote, client=client, text=text, loud=loud)
    return {"client": client, "note": note}


@operation("client_note.change", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def change(op: Operation, note: NoteId, version: int, text: str, loud: bool) -> dict[str, int]:
    """Say it otherwise. Raises `PartRemoved`, `Stale`."""
    client = await steps.lock_part(op, ClientNote, note)
    await op.update(ClientNote, note, version, {"text": text, "loud": loud})
    return {"client": client, "note": note}


@operation("client_note.remove", permission=Permission.CLIENT_CHANGE, undo=steps.restore_of_client)
async def remove(op: Operation, note: NoteId, version: int | None = None) -> dict[str, int]:
    """Take a note away, as it was read. Raises `PartRemoved`, `Stale`."""
    client = await steps.lock_part(op, ClientNote, note)
    await op.update(ClientNote, note, version, {"retired_at": op.now})
    return {"client": client, "note": note}
