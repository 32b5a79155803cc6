"""The files of a ticket as its page lists them."""

from __future__ import annotations

from typing import Any

from console import i18n
from console.domain.ids import TicketId
from console.domain.tickets import files


async def rows(ticket: TicketId, number: int) -> list[dict[str, Any]]:
    """Each with its address, how large it is in words, and the entry that it came with, if any."""
    return [
        {
            "name": one.name,
            "size": size_words(one.size),
            "url": f"/tickets/{number}/attachments/{one.id}",
            "entry": one.entry,
        }
        for one in await files.files(ticket)
    ]


def size_words(size: int) -> str:
    """Bytes as people read them: 240 KB, 1.4 MB."""
    if size < 1024**2:
        return i18n.words("words.kilobytes", {"size": i18n.number(max(round(size / 1024), 1))})
    return i18n.words("words.megabytes", {"size": i18n.number(round(size / 1024**2))})
