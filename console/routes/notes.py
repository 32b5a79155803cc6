"""Notes on clients: added on the card itself, changed on a page of their own."""

from __future__ import annotations

from typing import Any

from litestar import Response

from console import i18n
from console.domain.clients import erasing, notes, parts
from console.routes import _client_card
from console.routes._client_parts import NOTE
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._part import Part, routes


async def _on_the_card(request: Req, client: int, form: Form, status: int) -> Response[Any]:
    return await _client_card.show(request, client, status, notes={"form": form, "open": True})


ROUTES = routes(
    Part(
        name="note",
        spec=NOTE,
        about=dict,
        titles=("title.note_new", "words.remove_note", "title.erase_note"),
        called=lambda _: i18n.gettext("title.note"),
        one=parts.note,
        add=lambda intent, client, said: notes.add(intent, client, **said),
        change=lambda intent, one, version, said: notes.change(intent, one, version, **said),
        remove=notes.remove,
        erase=erasing.erase_note,
        results=("note", "client"),
    ),
    _on_the_card,
)
