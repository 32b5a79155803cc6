"""The outbox: how it is, what waits and what went wrong, and what staff do about it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.audit.naming import names
from console.domain.clients import queries as clients
from console.domain.ids import MessageId
from console.domain.messages import actions, outbox_queries
from console.domain.messages.rules import MessageStatus
from console.domain.team.rules import Permission
from console.routes import _called, _messages
from console.routes._fields import as_id
from console.routes._guards import needs
from console.routes._message_words import MESSAGE_STATUSES
from console.routes._page import Req, back, page
from console.routes._submit import press
from console.routes._values import named_words

LIST = "/messages"
READ = needs(Permission.CLIENT_READ)
CHANGE = needs(Permission.CLIENT_CHANGE)
PAGE = 50
OF_CLIENT = 500
"""The latest messages of one client; who has more is shown these."""
TABS = (
    MessageStatus.DUE,
    MessageStatus.FAILED,
    MessageStatus.UNKNOWN,
    MessageStatus.SENT,
    MessageStatus.SKIPPED,
)


@get(LIST, opt=READ)
async def listed(request: Req) -> Response[Any]:
    """The outbox, narrowed by what became of messages (`status`); older ones by `before`, of those due later ones."""
    asked = request.query_params.get("status", "")
    status = MessageStatus(asked) if asked in TABS else MessageStatus.DUE
    before = as_id(request.query_params.get("before", ""))
    if status is MessageStatus.DUE:
        lines = await outbox_queries.waiting(PAGE, before)
    else:
        lines = await outbox_queries.latest(status, PAGE, before)
    called = await names({("client", one.client) for one in lines})
    rows = await _messages.told(request, lines)
    for one in (*rows["rows"], *rows["withdrawn"]):
        one["name"] = named_words(called["client", one["client"]], quoted=False)
    further = f"{LIST}?status={status}&before={lines[-1].id}" if len(lines) == PAGE else None
    return await page(
        request,
        "messages/outbox.html",
        i18n.gettext("title.outbox"),
        health=await _messages.health(request),
        tabs=[
            {
                "label": i18n.gettext(MESSAGE_STATUSES[one]),
                "url": LIST if one is TABS[0] else f"{LIST}?status={one}",
                "current": one is status,
            }
            for one in TABS
        ],
        further=further,
        later=status is MessageStatus.DUE,
        may_change=request.user.actor.may(Permission.CLIENT_CHANGE),
        messages=rows,
    )


@get("/clients/{client:int}/messages", opt=READ)
async def of_client(request: Req, client: FromPath[int]) -> Response[Any]:
    """All messages of a client."""
    one = await clients.client(client)
    lines = await outbox_queries.of_client(one.id, OF_CLIENT)
    return await page(
        request,
        "messages/of_client.html",
        i18n.gettext("title.messages"),
        client=one,
        name=_called.name(one),
        messages=await _messages.told(request, lines),
    )


@post("/messages/{message:int}/stop", opt=CHANGE)
async def stop(request: Req, message: FromPath[int]) -> Response[Any]:
    """Let it not go."""
    return await press(request, lambda intent: actions.stop(intent, MessageId(message)), back(request, LIST))


@post("/messages/{message:int}/arrival", opt=CHANGE)
async def arrival(request: Req, message: FromPath[int]) -> Response[Any]:
    """The client says that it arrived."""
    return await press(request, lambda intent: actions.arrived(intent, MessageId(message)), back(request, LIST))


@post("/messages/{message:int}/repeat", opt=CHANGE)
async def repeat(request: Req, message: FromPath[int]) -> Response[Any]:
    """Send it again."""
    return await press(request, lambda intent: actions.send_again(intent, MessageId(message)), back(request, LIST))


@post("/messages/unknown/repeat", opt=CHANGE)
async def repeat_unknown(request: Req) -> Response[Any]:
    """Send again whatever may not have gone."""
    return await press(request, lambda intent: actions.send_unknown(intent), LIST)


ROUTES = [listed, of_client, stop, arrival, repeat, repeat_unknown]
