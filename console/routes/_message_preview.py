"""How a text of a message reads to a client who is found by what was typed."""

from __future__ import annotations

from typing import Any

from console import messaging
from console.domain.clients import finding, lately, queries
from console.domain.clients.queries import ClientView
from console.domain.desk import message_samples
from console.domain.errors import Invalid, Problem
from console.domain.messages.rules import MessageKind
from console.domain.messages.texts import Texts, sms_parts
from console.routes import _called, _page
from console.routes import _fields as f
from console.routes._page import Req

WHO = f.text("who", required=False, label="field.preview_for", hint="hint.preview_for")


async def preview(request: Req, kind: MessageKind, language: str, texts: Texts, typed: str | None) -> dict[str, Any]:
    """A message as the client would get it. Raises `Invalid` (`who`): nobody found, or nothing to tell."""
    client = await _found(request, typed or "")
    shown = await message_samples.sample(kind, client.id, language, _page.today(request))
    if shown is None:
        raise Invalid({"who": Problem("problem.nothing_to_tell", {"name": _called.name(client)})})
    made = await messaging.compose(shown.outgoing, request.app.state.settings, texts)
    return {
        "message": made,
        "parts": sms_parts(made.sms),
        "length": len(made.sms),
        "name": _called.name(client),
        "invented": shown.invented,
        "sent_to": None,
    }


async def _found(request: Req, typed: str) -> ClientView:
    """The client who fits best, or whose card was opened last where nobody is said."""
    if typed:
        ids = [hit.client for hit in await finding.find(typed, limit=1, include_retired=False)]
    else:
        ids = list(await lately.recent(request.user.actor.id, limit=1))
    clients = [one for one in await queries.clients(ids) if one.erased_at is None]
    if not clients:
        raise Invalid({"who": Problem("problem.nobody_found" if typed else "problem.required")})
    return clients[0]
