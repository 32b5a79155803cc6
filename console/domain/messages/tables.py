"""What clients are to be told, and when."""

from __future__ import annotations

from piccolo.columns import JSONB, BigSerial, ForeignKey, Integer, OnDelete, OnUpdate, Text, Timestamptz
from piccolo.table import Table

from console.domain.clients.tables import client_column
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, following, of_client, told_new_by


@of_client("messages")
@told_new_by("kind", "due_at")
@following
@entity
class Message(Entity, Table, tablename="message", db=ENGINE):
    """Something to tell a client at an instant, written by the operation that makes it true. Retired: it is withdrawn.

    `client`: None of a reply to somebody who is none. `variables`: what there is to tell, in numbers, dates and codes
    alone; where to send it, and in which language, is the client's own, and of what one of us wrote the concept's that
    has it. `dedupe_key`: what it is about, which is told once. `ends_at`: from when on nobody wants it.

    The rest is delivery's, written by the worker that has it and by no operation. `try_at`: when it is next tried,
    `due_at` unless something held it up. `channel`: which one it went by, or goes by and no other, since it may have
    gone already. `reason`: why it was skipped, was held up or has failed; `error`: what the other side said.
    """

    kind = Text(null=False, default=None)
    client = client_column(null=True)
    due_at = Timestamptz(null=False, default=None)
    variables = JSONB(null=False, default=None)
    dedupe_key = Text(null=False, default=None)
    status = Text(null=False, default=None)
    ends_at = Timestamptz(null=True, default=None)
    try_at = Timestamptz(null=False, default=None)
    claimed_until = Timestamptz(null=True, default=None)
    attempts = Integer(null=False, default=0)
    channel = Text(null=True, default=None)
    reason = Text(null=True, default=None)
    error = Text(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)


STATUS = "CASE WHEN status = 'due' AND channel IS NOT NULL THEN 'claimed' ELSE status END"
"""The status of a message as who corrects it has to take it: one that may have gone, and is to be tried again, is out.
"""


OPEN = "status IN ('unknown', 'failed') AND reason IS DISTINCT FROM 'dismissed'"
"""Of a message that did not get through, or may not have, and that nobody has dismissed."""

MAY_GO_AGAIN = (
    f"({OPEN} OR status = 'skipped'"
    " AND (reason = 'staff' OR kind = 'ticket.reply'"
    "  AND reason IN ('no_address', 'no_channel', 'no_email', 'no_mail_server')))"
)
"""Of a message that staff may send again, as `rules.may_go_again` says."""


class MessageAttempt(Table, tablename="message_attempt", db=ENGINE):
    """That a message was handed over, or may have been, and what came of it. Append-only.

    `outcome` arrived: no attempt, but the client's word that the last one arrived.
    """

    id = BigSerial(primary_key=True)
    message = ForeignKey(Message, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    at = Timestamptz(null=False, default=None)
    channel = Text(null=False, default=None)
    outcome = Text(null=False, default=None)
    error = Text(null=True, default=None)


@told_new_by("kind", "language")
@entity
class MessageText(Entity, Table, tablename="message_text", db=ENGINE):
    """What the business says in a kind of message and a language, in place of our own text. Retired: ours holds again.

    One row of each, which is taken up again. `subject` and `text` of a mail, `sms`: with names in braces.
    """

    kind = Text(null=False, default=None)
    language = Text(null=False, default=None)
    subject = Text(null=False, default=None)
    text = Text(null=False, default=None)
    sms = Text(null=False, default=None)
