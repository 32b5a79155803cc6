"""What must be true of clients; `console doctor` runs these."""

from __future__ import annotations

from zoneinfo import available_timezones

from console.domain import db

_WORDS = """
    WITH wanted (client, word, retired) AS MATERIALIZED (
        SELECT c.id, f.word, c.retired_at IS NOT NULL FROM client c CROSS JOIN LATERAL findable_words(c.id) AS f (word)
    )
    (TABLE wanted EXCEPT SELECT client, word, retired FROM client_token)
    UNION ALL (SELECT client, word, retired FROM client_token EXCEPT TABLE wanted)
"""
_REACHES = """
    WITH wanted (client, kind, value, retired) AS MATERIALIZED (
        SELECT c.id, f.kind, f.value, c.retired_at IS NOT NULL
        FROM client c CROSS JOIN LATERAL findable_reaches(c.id) AS f
    )
    (TABLE wanted EXCEPT SELECT client, kind, value, retired FROM client_reach)
    UNION ALL (SELECT client, kind, value, retired FROM client_reach EXCEPT TABLE wanted)
"""


async def clients_are_findable() -> list[str]:
    """What clients are found by is what is said of them, and no word stands there for nobody."""
    wrong: set[int] = set()
    for differences in (_WORDS, _REACHES):
        rows = await db.fetch(f"SELECT DISTINCT client FROM ({differences}) AS d ORDER BY client LIMIT 20")  # noqa: S608
        wrong |= {row["client"] for row in rows}
    orphans = await db.fetchval(
        "SELECT count(*) FROM client_word w WHERE NOT EXISTS (SELECT FROM client_token t WHERE t.word = w.word)"
    )
    found = [f"client {one} is not found by what is said of them" for one in sorted(wrong)[:20]]
    return [*found, f"{orphans} words to find clients by belong to nobody"] if orphans else found


async def consents_say_something_new() -> list[str]:
    """Each entry of the consent log says otherwise than the one before it, and the first one that it was given."""
    rows = await db.fetch(
        "SELECT id, client FROM (SELECT id, client, given, lag(given, 1, FALSE) OVER"
        "  (PARTITION BY client, channel, purpose ORDER BY id) AS before FROM client_consent) said"
        " WHERE given = before ORDER BY id LIMIT 20"
    )
    return [f"consent {row['id']} of client {row['client']} says what the one before it said" for row in rows]


async def zones_of_clients_are_known() -> list[str]:
    """Every client's zone, whose night keeps messages back, is one that this machine knows."""
    rows = await db.fetch("SELECT client, zone FROM client_profile WHERE zone IS NOT NULL ORDER BY client")
    known = available_timezones()
    return [f"client {row['client']}: no zone {row['zone']}" for row in rows if row["zone"] not in known][:20]


CHECKS = (clients_are_findable, consents_say_something_new, zones_of_clients_are_known)
