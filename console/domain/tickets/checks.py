"""What must be true of tickets; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db
from console.domain.tickets import holds


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
        " UNION SELECT t.id FROM ticket t JOIN ticket_link l ON l.ticket = t.id AND l.retired_at IS NULL"
        "  LEFT JOIN booking b ON b.id = l.booking LEFT JOIN visit v ON v.id = l.visit"
        "  WHERE coalesce(b.client, v.client) IS DISTINCT FROM t.client ORDER BY id LIMIT 20"
    )
    return [f"ticket {row['id']} holds what is not its client's" for row in rows]


async def remedies_are_posted() -> list[str]:
    """A remedy that was posted has its entries in its client's ledger, and no closed ticket has one that waits."""
    rows = await db.fetch(
        "SELECT r.id FROM ticket_remedy r JOIN ticket t ON t.id = r.ticket WHERE r.retired_at IS NULL"
        " AND (r.status = 'posted' AND NOT EXISTS (SELECT FROM loyalty_entry e"
        "   WHERE e.operation = r.posted_by AND e.client = r.client)"
        "  OR r.status = 'proposed' AND t.status = 'closed') ORDER BY r.id LIMIT 20"
    )
    return [f"remedy {row['id']} of a ticket is not in the ledger, or waits in a closed one" for row in rows]


async def what_waits_has_its_ticket() -> list[str]:
    """What would expire waits for the tickets that say so as they stand, and for no others."""
    return [f"ticket {one} is not waited for as its category says" for one in await holds.differing(20)]


CHECKS = (
    tickets_stand_where_they_came_to,
    parts_of_tickets_are_their_clients,
    remedies_are_posted,
    what_waits_has_its_ticket,
)
