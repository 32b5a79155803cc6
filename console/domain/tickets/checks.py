"""What must be true of tickets; `console doctor` runs these."""

from __future__ import annotations

from console.domain import clock, db
from console.domain.tickets import holds, mailbox


async def tickets_stand_where_they_came_to() -> list[str]:
    """A ticket's status is the one that it came to last."""
    rows = await db.fetch(
        "SELECT t.id FROM ticket t WHERE t.retired_at IS NULL AND t.status IS DISTINCT FROM (SELECT s.status"
        "  FROM ticket_status s WHERE s.ticket = t.id AND s.retired_at IS NULL ORDER BY s.id DESC LIMIT 1)"
        " ORDER BY t.id LIMIT 20"
    )
    return [f"ticket {row['id']} has another status than the one that it came to last" for row in rows]


async def parts_of_tickets_are_their_clients() -> list[str]:
    """What was said in a ticket is its client's, and so is what it is about."""
    rows = await db.fetch(
        "SELECT t.id FROM ticket t JOIN ticket_entry e ON e.ticket = t.id WHERE e.client IS DISTINCT FROM t.client"
        " UNION SELECT t.id FROM ticket t JOIN ticket_file f ON f.ticket = t.id"
        "  WHERE f.client IS DISTINCT FROM t.client"
        " UNION SELECT t.id FROM ticket t JOIN ticket_mail m ON m.ticket = t.id"
        "  WHERE m.client IS DISTINCT FROM t.client"
        " UNION SELECT t.id FROM ticket t JOIN ticket_rating r ON r.ticket = t.id"
        "  WHERE r.client IS DISTINCT FROM t.client"
        " UNION SELECT t.id FROM ticket t JOIN ticket_link l ON l.ticket = t.id AND l.retired_at IS NULL"
        "  LEFT JOIN booking b ON b.id = l.booking LEFT JOIN visit v ON v.id = l.visit"
        "  WHERE coalesce(b.client, v.client) IS DISTINCT FROM t.client ORDER BY id LIMIT 20"
    )
    return [f"ticket {row['id']} holds what is not its client's" for row in rows]


async def replies_are_due_to_whose_ticket_it_is() -> list[str]:
    """What waits to be mailed of a ticket is to its client, or where it has none to an address."""
    rows = await db.fetch(
        "SELECT m.id FROM message m LEFT JOIN ticket t ON t.id = (m.variables ->> 'ticket')::bigint"
        " LEFT JOIN ticket_entry e ON e.id = (m.variables ->> 'entry')::bigint"
        " WHERE m.kind LIKE 'ticket.%' AND m.status = 'due' AND m.retired_at IS NULL"
        " AND (m.client IS DISTINCT FROM t.client OR m.client IS NULL AND e.address IS NULL) ORDER BY m.id LIMIT 20"
    )
    return [f"message {row['id']} is due to somebody else than whose its ticket is" for row in rows]


_POSTED = """
    CASE r.gives
        WHEN 'stamp' THEN (SELECT count(*) FROM loyalty_entry e WHERE (e.operation, e.client, e.visit)
            = (r.posted_by, r.client, r.of) AND (e.unit, e.verb) = ('stamp', 'earn')) = 1
        WHEN 'stamps' THEN (SELECT count(*) FROM loyalty_entry e WHERE (e.operation, e.client)
            = (r.posted_by, r.client) AND (e.unit, e.verb) = ('stamp', 'adjust')) = r.amount
        WHEN 'free_visit' THEN (SELECT count(*) FROM loyalty_entry e WHERE (e.operation, e.client)
            = (r.posted_by, r.client) AND (e.unit, e.verb) = ('free_visit', 'adjust')) = 1
        WHEN 'free_visit_back' THEN (SELECT count(*) FROM loyalty_entry e WHERE (e.operation, e.client)
            = (r.posted_by, r.client) AND (e.unit, e.verb) = ('free_visit', 'reverse')
            AND (r.cause <> 'reward_lapsed' OR e.lot = r.of)) = 1
        WHEN 'tier' THEN EXISTS (SELECT FROM tier_entry t JOIN tier_entry lost ON lost.id = r.of
            WHERE (t.operation, t.client, t.event) = (r.posted_by, r.client, 'adjusted')
            AND (lost.client, lost.before) = (t.client, t.tier))
        WHEN 'fee' THEN (SELECT sum(f.minor - (SELECT coalesce(sum(p.minor), 0) FROM fee_payment p WHERE p.fee = f.id))
            FROM fee f JOIN change c ON (c.entity, c.entity_id, c.operation) = ('fee', f.id, r.posted_by)
            WHERE f.booking = r.of AND f.client = r.client AND f.waived = r.reason) = r.minor
        ELSE (SELECT sum(b.minor) FROM refund b JOIN change c
                ON (c.entity, c.entity_id, c.operation) = ('refund', b.id, r.posted_by)
                JOIN visit v ON v.id = b.visit AND v.client = r.client WHERE b.visit = r.of) = r.minor
            AND (SELECT coalesce(-sum(p.minor), 0) FROM payment p WHERE (p.visit, p.operation) = (r.of, r.posted_by))
                = CASE r.gives WHEN 'refund' THEN r.amount ELSE 0 END
    END
"""
"""Whether a remedy's operation posted what it gives, as much as it says, for its client and for what went wrong."""


async def remedies_are_posted() -> list[str]:
    """What a remedy posted is what it was given for and as much as it says, and no closed ticket has one that waits."""
    rows = await db.fetch(
        "SELECT r.id FROM ticket_remedy r JOIN ticket t ON t.id = r.ticket WHERE r.retired_at IS NULL"  # noqa: S608
        f" AND (r.status = 'posted' AND ({_POSTED}) IS NOT TRUE"
        "  OR r.status = 'proposed' AND t.status = 'closed') ORDER BY r.id LIMIT 20"
    )
    return [f"remedy {row['id']} of a ticket did not post what it says, or waits in a closed one" for row in rows]


async def gifts_are_of_remedies() -> list[str]:
    """What is on a card without a visit, and a tier that was put right by hand, came by a ticket."""
    rows = await db.fetch(
        "SELECT DISTINCT client FROM (SELECT client, operation FROM loyalty_entry WHERE verb = 'adjust'"
        "  UNION SELECT client, operation FROM tier_entry WHERE event = 'adjusted') g"
        " WHERE NOT EXISTS (SELECT FROM ticket_remedy r WHERE (r.posted_by, r.client) = (g.operation, g.client))"
        " ORDER BY client LIMIT 20"
    )
    return [f"client {row['client']} was given something by hand and by no ticket" for row in rows]


async def what_waits_has_its_ticket() -> list[str]:
    """What would expire waits for the tickets that say so as they stand, and for no others."""
    return [f"ticket {one} is not waited for as its category says" for one in await holds.differing(20)]


async def the_mailbox_is_read() -> list[str]:
    """Whoever reads the mailbox that clients write to can look into it."""
    rows = await mailbox.troubled(clock.now())
    return [f"the mailbox {one.name} cannot be read: {one.trouble}" for one in rows]


CHECKS = (
    tickets_stand_where_they_came_to,
    parts_of_tickets_are_their_clients,
    replies_are_due_to_whose_ticket_it_is,
    remedies_are_posted,
    gifts_are_of_remedies,
    what_waits_has_its_ticket,
    the_mailbox_is_read,
)
