"""What must be true of clients; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db


async def clients_are_findable() -> list[str]:
    """What clients are found by is what is said of them, and no word stands there for nobody."""
    rows = await db.fetch(
        """
        SELECT c.id FROM client c CROSS JOIN LATERAL (SELECT c.retired_at IS NOT NULL) AS held (retired)
        WHERE EXISTS (
            (SELECT word, held.retired FROM findable_words(c.id) AS word
             EXCEPT SELECT word, retired FROM client_token WHERE client = c.id)
            UNION ALL
            (SELECT word, retired FROM client_token WHERE client = c.id
             EXCEPT SELECT word, held.retired FROM findable_words(c.id) AS word)
        ) OR EXISTS (
            (SELECT kind, value, held.retired FROM findable_reaches(c.id)
             EXCEPT SELECT kind, value, retired FROM client_reach WHERE client = c.id)
            UNION ALL
            (SELECT kind, value, retired FROM client_reach WHERE client = c.id
             EXCEPT SELECT kind, value, held.retired FROM findable_reaches(c.id))
        ) ORDER BY c.id LIMIT 20
        """
    )
    orphans = await db.fetchval(
        "SELECT count(*) FROM client_word w WHERE NOT EXISTS (SELECT FROM client_token t WHERE t.word = w.word)"
    )
    found = [f"client {row['id']} is not found by what is said of them" for row in rows]
    return [*found, f"{orphans} words to find clients by belong to nobody"] if orphans else found


CHECKS = (clients_are_findable,)
