"""What was said in a ticket and what came of it, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console import i18n
from console.domain.clients.queries import ClientView
from console.domain.messages import outbox_queries
from console.domain.messages.outbox_queries import Line
from console.domain.team import queries as team
from console.domain.tickets import addresses, mail_queries, queries, ratings
from console.domain.tickets.addresses import Address
from console.domain.tickets.mail_queries import MailView
from console.domain.tickets.queries import Conversation, Said, TicketRow
from console.domain.tickets.remedies.queries import RemedyView
from console.domain.tickets.rules import EntryKind, TicketChannel, Why
from console.routes import _messages, _page, _remedies, _ticket_mail, _ticket_reply
from console.routes import _tickets as words
from console.routes._actors import actor_words
from console.routes._page import Req
from console.routes._values import named_words


async def entries(
    request: Req,
    told: Conversation,
    them: ClientView | None,
    to: Sequence[Address],
    remedies: Sequence[RemedyView],
    files: Sequence[dict[str, Any]],
) -> list[dict[str, Any]]:
    """What was said, and between it where the ticket came to, what is put right and what the client thought of it."""
    zone, today = request.scope["state"]["business"].zone, _page.today(request)
    actors = [*(one.actor for one in told.said), *(one.actor for one in told.moved)]
    people = await team.names([*actors, *_remedies.people(remedies)])
    name = await _client_name(told.ticket)
    rated = await ratings.of_ticket(told.ticket.id)
    mails = await outbox_queries.of_replies(told.ticket.id)
    came = await mail_queries.of_ticket(told.ticket.id)

    def at(moment: datetime) -> dict[str, Any]:
        return {"at": moment.isoformat(), "time": i18n.lately(moment, zone, today), "moment": i18n.moment(moment, zone)}

    said = [
        {
            "kind": one.kind.value,
            "id": one.id,
            "order": one.at,
            "who": _who(came.get(one.id), told.ticket, name)
            if one.kind is EntryKind.IN
            else actor_words(people, one.actor),
            "how": words.channel_words(one.channel) if one.channel else words.kind_words(one.kind),
            "by": actor_words(people, one.actor) if one.kind is EntryKind.IN and one.id not in came else "",
            "to": _ticket_reply.written_to(one.address, them, to),
            "body": one.body,
            "files": [file for file in files if file["entry"] == one.id],
            "mailed": one.channel is TicketChannel.EMAIL,
            "mail": await _mail(request, one, mails[one.id], them) if one.id in mails else None,
            "came": _ticket_mail.row(came[one.id]) if one.id in came else None,
            **at(one.at),
        }
        for one in told.said
    ]
    moved = [
        {
            "kind": "moved",
            "order": one.at,
            "who": actor_words(people, one.actor),
            "status": words.status_words(one.status),
            "why": words.moved_words(one.why),
            **at(one.at),
        }
        for one in told.moved
        if one.why is not Why.OPENED
    ]
    thought = [
        {
            "kind": "rated",
            "order": one.at,
            "who": name,
            "rating": words.rating_words(one.rating),
            "comment": one.comment,
            **at(one.at),
        }
        for one in rated
    ]
    right = [
        {
            "kind": "remedy",
            "order": one.settled_at,
            **_remedies.line(one, told.ticket.client, people),
            **at(one.settled_at),
        }
        for one in remedies
    ]
    return sorted(right + said + moved + thought, key=lambda one: (one["order"], one["kind"] == "moved"))


async def _mail(request: Req, one: Said, line: Line, them: ClientView | None) -> dict[str, Any]:
    """What became of the mail; of one that did not get through also where to, and where it would go `now` instead."""
    row = _messages.row(request, line) | {"to": "", "now": ""}
    if one.address is None or not line.is_open:
        return row
    now = await addresses.goes_to(one.id, them.emails[0].address if them and them.emails else None)
    return row | {"to": i18n.email(one.address), "now": i18n.email(now) if now and now != one.address else ""}


def _who(came: MailView | None, one: TicketRow, client: str) -> str:
    return _ticket_mail.who(came, client, known=one.client is not None) if came else client


async def _client_name(one: TicketRow) -> str:
    names = await queries.whose([one])
    return named_words(names[one.client], quoted=False) if one.client else i18n.gettext("words.ticket_somebody")
