"""What clients are to be told, and when."""

from __future__ import annotations

from piccolo.columns import JSONB, Text, Timestamptz
from piccolo.table import Table

from console.domain.clients.tables import client_column
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, of_client, told_new_by


@of_client("messages")
@told_new_by("kind", "due_at")
@entity
class Message(Entity, Table, tablename="message", db=ENGINE):
    """Something to tell a client at an instant, written by the operation that makes it true. Retired: it is withdrawn.

    `variables`: what there is to tell, in numbers, dates and codes alone; where to send it, and in which language, is
    the client's own. `dedupe_key`: what it is about, which is told once. `status`: `due`, or `skipped` where nobody is
    told any more.
    """

    kind = Text(null=False, default=None)
    client = client_column()
    due_at = Timestamptz(null=False, default=None)
    variables = JSONB(null=False, default=None)
    dedupe_key = Text(null=False, default=None)
    status = Text(null=False, default=None)
