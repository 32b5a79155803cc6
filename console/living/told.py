"""What the clients of the lived business were told: nothing leaves a demo, it is noted as if it had."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.domain import db
from console.domain.clients.rules import Channel
from console.domain.ids import TicketId, TicketStatusId
from console.domain.messages import outbox, outcomes, settings
from console.domain.messages.outbox import Claimed
from console.domain.messages.rules import MessageKind, MessageStatus
from console.domain.messages.settings_rules import MessageSettings
from console.domain.team.rules import Role
from console.domain.team.trouble import Cause, Trouble
from console.living.doing import Doing

AT_FIRST = MessageSettings(
    off=frozenset(
        {
            MessageKind.BOOKING_CONFIRMATION,
            MessageKind.BOOKING_MOVED,
            MessageKind.BOOKING_CANCELLED,
            MessageKind.VISIT_THANKS,
        }
    )
)
"""What a business wants told that has the telephone for the rest."""
WAYS = {Channel.SMS: True, Channel.EMAIL: False}
SOON = timedelta(seconds=20)
"""After which a message that is due has left."""


async def tell_little(doing: Doing, at: datetime) -> None:
    """Let clients be told little, at first."""
    await doing.do("tells little", at, settings.choose, 0, AT_FIRST, by=Role.MANAGER)


async def tell_all(doing: Doing, at: datetime) -> None:
    """Let them be told everything from now on, unless somebody chose otherwise in the meantime."""
    await doing.do("tells all", at, settings.choose, 1, MessageSettings(), by=Role.MANAGER)


async def deliver(until: datetime, *, strays: bool) -> None:
    """Let all that is due by an instant have left soon after it was, or be skipped for what stands against it.

    `strays`: one is refused for good, and of one nobody knows whether it arrived; no reminders, which are soon over.
    """
    while due := await _next(until):
        now = due + SOON
        one = await outbox.claim(now, WAYS)
        if isinstance(one, Claimed):
            await _end(one, now, strays=strays)


async def _end(one: Claimed, now: datetime, *, strays: bool) -> None:
    known = "SELECT array_agg(DISTINCT outcome) FROM message_attempt WHERE outcome <> 'sent'"
    lasts = one.outgoing.kind is not MessageKind.BOOKING_REMINDER
    there = (await db.fetchval(known) or ()) if strays and lasts else (MessageStatus.FAILED, MessageStatus.UNKNOWN)
    if MessageStatus.FAILED not in there:
        await outcomes.refused(one, now, Trouble(Cause.RECIPIENT))
    elif MessageStatus.UNKNOWN not in there:
        await outcomes.unsure(one, now, Trouble(Cause.SILENT), deduplicates=False)
    else:
        await outcomes.sent(one, now)


async def asked(ticket: TicketId) -> TicketStatusId | None:
    """Which time that a ticket was solved its client was asked about, if they were."""
    solving: TicketStatusId | None = await db.fetchval(
        "SELECT (variables ->> 'solving')::bigint FROM message WHERE kind = $1 AND status = 'sent'"
        " AND (variables ->> 'ticket')::bigint = $2 ORDER BY id DESC LIMIT 1",
        MessageKind.TICKET_SATISFACTION.value,
        ticket,
    )
    return solving


async def _next(until: datetime) -> datetime | None:
    due: datetime | None = await db.fetchval(
        "SELECT min(try_at) FROM message WHERE retired_at IS NULL AND status = 'due' AND try_at <= $1", until
    )
    return due
