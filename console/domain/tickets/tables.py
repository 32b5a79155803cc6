"""Tickets: what clients wrote to us about, what was said, and how soon it is to be answered."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    Text,
    Timestamptz,
)
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from console.domain.booking.tables import Booking, reason_column
from console.domain.clients.tables import Client
from console.domain.db import ENGINE
from console.domain.tables import (
    ActorRow,
    Entity,
    OperationRow,
    entity,
    gone_once_retired,
    keyed,
    of_client,
    personal,
    told_new_by,
)
from console.domain.team.tables import Staff, staff_column
from console.domain.visits.tables import Visit


@entity
class TicketCategory(Entity, Table, tablename="ticket_category", db=ENGINE):
    """What tickets are about. `names`: language to text.

    `holds`: they are about stamps and free visits, and what would expire of them waits while one is open.
    """

    names = JSONB(null=False, default=None)
    position = Integer(null=False, default=None)
    holds = Boolean(null=False, default=None)


@keyed("priority")
@entity
class TicketTarget(Entity, Table, tablename="ticket_target", db=ENGINE):
    """How soon tickets of a priority are answered and resolved, and how long before it we warn: open minutes."""

    priority = Text(null=False, default=None)
    first_reply = Integer(null=False, default=None)
    resolution = Integer(null=False, default=None)
    warn = Integer(null=False, default=None)


def client_column() -> ForeignKey[Client]:
    """Whose a ticket is, None where nobody knows; of what belongs to a ticket the same one."""
    return ForeignKey(Client, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@of_client("tickets")
@personal(subject=None, tags=[], folded="", sender=None, sender_name=None)
@told_new_by("number")
@entity
class Ticket(Entity, Table, tablename="ticket", db=ENGINE):
    """Something to be answered and put right. Retired: it was opened by mistake.

    `folded`: its subject as it is searched. From `first_replied_at` on the columns follow from what was said, from the
    statuses and from the targets (`dues.settle` keeps them): `due_at` is the next of its due times, `mark_at` when a
    mark has to be set next. `sender`, `sender_name`: who wrote, where that is no client, or nobody said yet which;
    `stranger_since`: when somebody said that it is none. `continues`: the closed ticket that it goes on from.
    """

    number = Integer(null=False, default=None)
    client = client_column()
    subject = Text(null=True, default=None)
    category = ForeignKey(
        TicketCategory, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
    channel = Text(null=False, default=None)
    priority = Text(null=False, default=None)
    status = Text(null=False, default=None)
    assignee = ForeignKey(Staff, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    tags = Array(base_column=Text(), null=False, default=None)
    folded = Text(null=False, default=None)
    opened_at = Timestamptz(null=False, default=None)
    solved_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    first_replied_at = Timestamptz(null=True, default=None)
    first_reply_due = Timestamptz(null=True, default=None)
    resolution_due = Timestamptz(null=True, default=None)
    first_reply_mark = Text(null=True, default=None)
    resolution_mark = Text(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    mark_at = Timestamptz(null=True, default=None)
    sender = Text(null=True, default=None)
    sender_name = Text(null=True, default=None)
    stranger_since = Timestamptz(null=True, default=None)
    continues: ForeignKey[Ticket] = ForeignKey(
        LazyTableReference("Ticket", module_path=__name__),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
        on_update=OnUpdate.restrict,
    )


def actor_column(*, null: bool) -> ForeignKey[ActorRow]:
    return ForeignKey(ActorRow, null=null, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


def ticket_column() -> ForeignKey[Ticket]:
    return ForeignKey(Ticket, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@told_new_by("status")
@entity
class TicketStatusChange(Entity, Table, tablename="ticket_status", db=ENGINE):
    """That a ticket came to a status, at an instant, and `why`. Nothing of it changes. Retired: it was undone."""

    ticket = ticket_column()
    status = Text(null=False, default=None)
    why = Text(null=False, default=None)
    at = Timestamptz(null=False, default=None)


@of_client("tickets")
@personal(body=None, folded="", address=None)
@told_new_by("kind", "channel")
@entity
class TicketEntry(Entity, Table, tablename="ticket_entry", db=ENGINE):
    """What was said in a ticket, at an instant, and how (a note among us in no way). Retired: it was undone.

    What was said stays, but for an erasure. `client`: that of the ticket. `folded`: as it is searched. `address`: the
    one that a reply by mail was written to.
    """

    ticket = ticket_column()
    client = client_column()
    kind = Text(null=False, default=None)
    channel = Text(null=True, default=None)
    body = Text(null=True, default=None)
    folded = Text(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    address = Text(null=True, default=None)


@of_client("tickets")
@personal(name=None, content=None)
@told_new_by("media_type")
@gone_once_retired
@entity
class TicketFile(Entity, Table, tablename="ticket_file", db=ENGINE):
    """A file that came with what was said in a ticket (`entry`). `media_type`: by its content; `size` in bytes."""

    ticket = ticket_column()
    client = client_column()
    entry = ForeignKey(TicketEntry, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    name = Text(null=True, default=None)
    media_type = Text(null=False, default=None)
    size = Integer(null=False, default=None)
    content = Bytea(null=True, default=None, secret=True)


@of_client("tickets")
@personal(message_id=None, sender=None, sender_name=None, subject=None, quoted=None, left_out=None)
@told_new_by("kind")
@entity
class TicketMail(Entity, Table, tablename="ticket_mail", db=ENGINE):
    """A mail that came in, once: what was said by it is an `entry`, or it was set `aside`, and why.

    `key`: a hash of its Message-ID, or of all of it where it has none; `content`: a mark of what it says, for another
    mail may go by the same; `origin`: one of who sent it and from where. `uid`: its number in the mailbox.
    `message_id`: as it stands in the mail, to be answered to. `stranger`: it came from another address than those of
    the ticket's client. `quoted`: the older conversation that it repeats. `left_out`: files that were not taken, each
    with its name and a problem's key and params. Retired: undone, or looked at.
    """

    ticket = ForeignKey(Ticket, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    entry = ForeignKey(TicketEntry, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    client = client_column()
    kind = Text(null=False, default=None)
    key = Bytea(null=False, default=None, secret=True)
    content = Bytea(null=True, default=None, secret=True)
    origin = Bytea(null=True, default=None, secret=True)
    uid = BigInt(null=True, default=None)
    at = Timestamptz(null=False, default=None)
    aside = Text(null=True, default=None)
    stranger = Boolean(null=False, default=None)
    message_id = Text(null=True, default=None)
    sender = Text(null=True, default=None)
    sender_name = Text(null=True, default=None)
    subject = Text(null=True, default=None)
    quoted = Text(null=True, default=None)
    left_out = JSONB(null=True, default=None)


class MailboxPosition(Table, tablename="mailbox_position", db=ENGINE):
    """How far a mailbox was read. `trouble`: what went wrong at the last try, None where nothing did.

    `claimed_until`: nobody else reads it until then. `trying`: the mail that somebody began with, as often as `tries`,
    and did not come to an end with. `anew_below`: mails with a lower number had it when the server numbered all anew;
    of those only what came on `anew_since` or later may be new.
    """

    id = BigSerial(primary_key=True)
    name = Text(null=False, default=None)
    uidvalidity = BigInt(null=True, default=None)
    last_uid = BigInt(null=True, default=None)
    anew_since = Date(null=True, default=None)
    anew_below = BigInt(null=True, default=None)
    claimed_until = Timestamptz(null=True, default=None)
    trying = BigInt(null=True, default=None)
    tries = Integer(null=True, default=None)
    polled_at = Timestamptz(null=True, default=None)
    trouble = Text(null=True, default=None)
    trouble_since = Timestamptz(null=True, default=None)


@of_client("tickets")
@personal(comment=None)
@told_new_by("rating")
@entity
class TicketRating(Entity, Table, tablename="ticket_rating", db=ENGINE):
    """What a client thinks of how their ticket was solved that time (`solving`), and since when they said so first."""

    ticket = ticket_column()
    client = client_column()
    solving = ForeignKey(
        TicketStatusChange, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
    rating = Text(null=False, default=None)
    comment = Text(null=True, default=None)
    at = Timestamptz(null=False, default=None)


@keyed("ticket", "booking")
@keyed("ticket", "visit")
@gone_once_retired
@entity
class TicketLink(Entity, Table, tablename="ticket_link", db=ENGINE):
    """What a ticket is about: one of its client's bookings, or a visit."""

    ticket = ticket_column()
    booking = ForeignKey(Booking, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    visit = ForeignKey(Visit, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@keyed("role")
@entity
class TicketLimit(Entity, Table, tablename="ticket_limit", db=ENGINE):
    """How much those of a role may give by remedies in a month alone, as `remedies.rules.Limit` says; None: no limit.

    `minor`: minor units of the business's currency.
    """

    role = Text(null=False, default=None)
    minor = BigInt(null=True, default=None)
    stamps = Integer(null=True, default=None)
    tiers = Integer(null=True, default=None)


@of_client("tickets")
@told_new_by("cause", "gives", "status")
@entity
class TicketRemedy(Entity, Table, tablename="ticket_remedy", db=ENGINE):
    """What a ticket puts right for its client, as `remedies.rules.Remedy` says it.

    `minor` of a `currency`, `stamps`: what it costs us. `reason`: why money is given. `proposed_by`, `approved_by`:
    actors; `posted_by`: the operation whose entries are the remedy.
    """

    ticket = ticket_column()
    client = ForeignKey(Client, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    cause = Text(null=False, default=None)
    of = BigInt(null=False, default=None)
    gives = Text(null=False, default=None)
    amount = BigInt(null=False, default=None)
    minor = BigInt(null=False, default=None)
    currency = Text(null=True, default=None)
    stamps = Integer(null=False, default=None)
    reason = reason_column()
    status = Text(null=False, default=None)
    proposed_by = actor_column(null=False)
    approved_by = actor_column(null=True)
    posted_by = ForeignKey(
        OperationRow, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
    posted_at = Timestamptz(null=True, default=None)


@gone_once_retired
@entity
class TicketView(Entity, Table, tablename="ticket_view", db=ENGINE):
    """A list of tickets that somebody comes back to. `filter`: what it is narrowed by, as the list's address has it."""

    staff = staff_column()
    name = Text(null=False, default=None)
    filter = JSONB(null=False, default=None)


class TicketSettling(Table, tablename="ticket_settling", db=ENGINE):
    """How far tickets that are not solved were settled anew since open hours or targets changed; one row.

    `after`: the last ticket that is done, null once all are.
    """

    id = BigSerial(primary_key=True)
    after = BigInt(null=True, default=None)


class TicketDraft(Table, tablename="ticket_draft", db=ENGINE):
    """What somebody is about to say in a ticket; gone once it is said, and with the ticket's client."""

    id = BigSerial(primary_key=True)
    ticket = ticket_column()
    staff = staff_column()
    kind = Text(null=False, default=None)
    body = Text(null=False, default=None)
    at = Timestamptz(null=False, default=None)
