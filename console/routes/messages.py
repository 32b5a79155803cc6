"""The outbox: how it is, what waits and what went wrong, and what staff do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.audit.naming import Key, Name, names
from console.domain.clients import queries as clients
from console.domain.ids import ClientId, MessageId
from console.domain.messages import actions, outbox_queries
from console.domain.messages.outbox_queries import After, Line
from console.domain.messages.rules import MessageStatus
from console.domain.team.rules import Permission
from console.domain.tickets import addresses
from console.domain.tickets.addresses import Written
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
EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)
OF_CLIENT = 500
"""The latest messages of one client; who has more is shown these."""
TABS = (
    MessageStatus.DUE,
    MessageStatus.FAILED,
    MessageStatus.UNKNOWN,
    MessageStatus.SENT,
    MessageStatus.SKIPPED,
)
NOTHING = {
    MessageStatus.FAILED: "words.no_messages_failed",
    MessageStatus.UNKNOWN: "words.no_messages_unknown",
}
"""What it means that there are none, where that is good."""
DUE_ONLY = {"": None, "leaving": True, "unwanted": False}
"""What of that which is due an address asks for (`only`), and whether that is what will leave."""


@get(LIST, opt=READ)
async def listed(request: Req) -> Response[Any]:
    """The outbox, narrowed by what became of messages (`status`); older ones `before` one, of those due `after` one.

    Of those due `only` what will leave, or what will be skipped. `before` and `after` name a message, and `at` when the
    list told it to go or to have gone, in microseconds since the epoch.
    """
    asked = request.query_params.get("status", "")
    status = MessageStatus(asked) if asked in TABS else MessageStatus.DUE
    there = _messages.set_up(request)
    only = _only(request)
    if status is MessageStatus.DUE:
        lines = await outbox_queries.waiting(PAGE, there, _beyond(request, "after"), DUE_ONLY[only])
    else:
        lines = await outbox_queries.latest(status, PAGE, there, _beyond(request, "before"))
    rows = await _messages.told(request, lines)
    whom = await _whom(lines)
    for one in (*rows["rows"], *rows["withdrawn"]):
        one |= whom[one["id"]]
    health = await _messages.health(request)
    mixed = bool(only or (health["counts"].due and health["counts"].unwanted))
    return await page(
        request,
        "messages/outbox.html",
        i18n.gettext("title.outbox"),
        health=health,
        set_up=bool(there),
        tabs=[
            {
                "label": i18n.gettext(MESSAGE_STATUSES[one]),
                "url": LIST if one is TABS[0] else f"{LIST}?status={one}",
                "current": one is status,
            }
            for one in TABS
        ],
        due_tabs=_due_tabs(only) if mixed and status is MessageStatus.DUE else None,
        further=_further(status, lines[-1], only) if len(lines) == PAGE else None,
        later=status is MessageStatus.DUE,
        may_repeat=status is MessageStatus.UNKNOWN and request.user.actor.may(Permission.CLIENT_CHANGE),
        messages=rows,
        nothing=i18n.gettext(NOTHING.get(status, "words.no_messages_there")),
    )


def _only(request: Req) -> str:
    """What of that which is due is asked for; all of it by what says nothing."""
    asked = request.query_params.get("only", "")
    return asked if asked in DUE_ONLY else ""


def _due_tabs(only: str) -> list[dict[str, Any]]:
    labels = {"": "words.messages_all", "leaving": "words.messages_leaving", "unwanted": "words.message_unwanted"}
    return [
        {
            "label": i18n.gettext(label),
            "url": f"{LIST}?status=due&only={one}" if one else LIST,
            "current": one == only,
        }
        for one, label in labels.items()
    ]


def _further(status: MessageStatus, last: Line, only: str) -> str:
    """The address of the next page."""
    there = f"{LIST}?status={status}{f'&only={only}' if only else ''}"
    beyond = "after" if status is MessageStatus.DUE else "before"
    return f"{there}&{beyond}={last.id}&at={(last.told_at - EPOCH) // MICROSECOND}"


def _beyond(request: Req, which: str) -> After | None:
    """Which message the page follows that an address asks for; None, the first page, for what says nothing."""
    one, at = (as_id(request.query_params.get(name, "")) for name in (which, "at"))
    if one is None or at is None:
        return None
    try:
        return After(EPOCH + at * MICROSECOND, one)
    except OverflowError:
        return None


async def _whom(lines: Sequence[Line]) -> dict[MessageId, dict[str, str]]:
    """Whom each message is to: its client by name, or the address that a reply in a ticket was written to."""
    called = await names({("client", one.client) for one in lines if one.client is not None})
    written = await addresses.of_entries([one.entry for one in lines if one.client is None and one.entry is not None])
    return {
        one.id: _of_client(called, one.client) if one.client else _of_reply(written[one.entry or 0]) for one in lines
    }


def _of_client(called: Mapping[Key, Name], client: ClientId) -> dict[str, str]:
    return {"name": named_words(called["client", client], quoted=False), "url": f"/clients/{client}"}


def _of_reply(one: Written) -> dict[str, str]:
    name = i18n.email(one.address) if one.address else i18n.gettext("words.ticket_somebody")
    return {"name": name, "url": f"/tickets/{one.number}"}


@get("/clients/{client:int}/messages", opt=READ)
async def of_client(request: Req, client: FromPath[int]) -> Response[Any]:
    """All messages of a client."""
    one = await clients.client(client)
    lines = await outbox_queries.of_client(one.id, OF_CLIENT, _messages.set_up(request))
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


@post("/messages/{message:int}/dismissal", opt=CHANGE)
async def dismissal(request: Req, message: FromPath[int]) -> Response[Any]:
    """Leave it at that."""
    return await press(request, lambda intent: actions.dismiss(intent, MessageId(message)), back(request, LIST))


@post("/messages/{message:int}/repeat", opt=CHANGE)
async def repeat(request: Req, message: FromPath[int]) -> Response[Any]:
    """Send it again."""
    return await press(request, lambda intent: actions.send_again(intent, MessageId(message)), back(request, LIST))


@post("/messages/unknown/repeat", opt=CHANGE)
async def repeat_unknown(request: Req) -> Response[Any]:
    """Send again whatever may not have gone."""
    return await press(request, lambda intent: actions.send_unknown(intent), LIST)


ROUTES = [listed, of_client, stop, arrival, dismissal, repeat, repeat_unknown]
