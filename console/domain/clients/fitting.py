"""Clients who have words that fit what was typed: each the beginning of one, or one that a typo makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.domain import db
from console.domain.clients import typed as rules
from console.domain.clients.hits import Hit, Matched
from console.domain.clients.listing import BOTH, Wanted
from console.domain.clients.typed import Nearness, nearness
from console.domain.ids import ClientId

FEW = 1000
"""Clients with a word up to which all of them are looked at; of a more common one, the newest clients."""
FEW_OF_SEVERAL = 5000
"""The same where other words have to fit, too."""
NEWEST = 5000
"""Among so many clients common words are looked for."""
LATELY = 200
"""Cards opened lately by anybody: their clients are looked at however old they are."""
MOST = 200
"""Clients that are put in order."""
MOST_SIMILAR = 300
"""Words inside which a part lies, and as many with a typo."""
LAST = chr(0x10FFFF)


@dataclass(frozen=True)
class Part:
    """Which words fit a part that was typed: from it up to `high`, and the `similar` ones."""

    typed: str
    high: str
    similar: tuple[str, ...] = ()

    @classmethod
    def beginning(cls, typed: str, similar: Iterable[str] = ()) -> Part:
        return cls(typed, typed + LAST, tuple(similar))

    @property
    def exactly(self) -> Part:
        return Part(self.typed, self.typed + "\x01")

    @property
    def args(self) -> list[Any]:
        return [self.typed, self.high, list(self.similar)]


async def by_words(parts: Sequence[Part], limit: int, among: Wanted | None = None) -> list[Hit]:
    """Clients with words that fit. Where those are too many, the ones with the very words are looked for as well."""
    rows, whole = await _with_words(parts, limit, among)
    exact = [part.exactly for part in parts]
    if not whole and exact != parts:
        rows += (await _with_words(exact, limit, among))[0]
    return hits(rows, parts)


_TOKENS = """
    SELECT client, retired, NULL AS value FROM client_token WHERE word >= $1 AND word < $2
    UNION SELECT client, retired, NULL FROM client_token WHERE word = ANY ($3::text[]) ORDER BY retired, client DESC
"""
_LIVING = "SELECT id AS client, false AS retired, NULL AS value FROM client WHERE retired_at IS NULL"
_NEWEST = f"{_LIVING} ORDER BY id DESC LIMIT $1"
_LATELY = f"{_LIVING} AND id IN (SELECT client FROM client_opened ORDER BY at DESC LIMIT $1)"  # noqa: S608


async def _with_words(
    parts: Sequence[Part], limit: int, among: Wanted | None = None
) -> tuple[list[Mapping[str, Any]], bool]:
    """Clients for whom every part fits, and whether these are all: the rarest part says where to look."""
    few = FEW if len(parts) == 1 else FEW_OF_SEVERAL
    counts = await _counts(parts, few + 1)
    least = min(counts)
    if least == 0:
        return [], True
    if least <= few or among is not None:
        most = max(MOST, limit)
        rows = await narrowed(_TOKENS, parts[counts.index(least)].args, parts, limit=most, among=among)
        return rows, len(rows) < most
    newest = await narrowed(_NEWEST, [NEWEST], parts, limit=limit)
    return [*newest, *await narrowed(_LATELY, [LATELY], parts, limit=limit)], False


_USED = """
    (SELECT count(*) FROM (
        (SELECT FROM client_token WHERE word >= ${0} AND word < ${1} LIMIT $1) UNION ALL
        (SELECT FROM client_token WHERE word = ANY (${2}::text[]) LIMIT $1)
    ) AS u{0})
"""
_FITS = """
    CROSS JOIN LATERAL (
        SELECT word FROM client_token t
        WHERE t.client = b.client AND (word >= ${0} AND word < ${1} OR word = ANY (${2}::text[]))
        ORDER BY word >= ${0} AND word < ${1} DESC, word LIMIT 1
    ) w{0}
"""


async def _counts(parts: Sequence[Part], most: int) -> list[int]:
    """How often words that fit a part are used, counted up to `most`."""
    counts = (_USED.format(n, n + 1, n + 2) for n in range(2, 2 + 3 * len(parts), 3))
    row = await db.fetchrow(f"SELECT {', '.join(counts)}", most, *_args(parts))
    return [] if row is None else list(row)


async def narrowed(
    base: str, args: Sequence[Any], parts: Sequence[Part], *, limit: int, among: Wanted | None = None
) -> list[Mapping[str, Any]]:
    """The first rows of `base` (client, retired, value) with a word for each part, which come as `words`.

    `among`: of such clients alone.

    The words of one client after the other are looked up, so that it ends as soon as there are enough.
    """
    first = len(args) + 2
    places = range(first, first + 3 * len(parts), 3)
    words = ", ".join(f"w{n}.word" for n in places)
    fits = "".join(_FITS.format(n, n + 1, n + 2) for n in places)
    such = ""
    their: list[Any] = []
    if among is not None:
        conditions, their = among.where(len(args) + 1 + 3 * len(parts))
        such = f"JOIN {BOTH} ON c.id = b.client WHERE {' AND '.join(conditions)}"
    rows = await db.fetch(
        "SELECT f.*, (SELECT max(at) FROM client_opened o WHERE o.client = f.client) AS opened_at FROM ("  # noqa: S608
        f" SELECT b.*, ARRAY[{words}]::text[] AS words FROM ({base}) b {fits} {such} LIMIT ${first - 1}) f",
        *args,
        limit,
        *_args(parts),
        *their,
    )
    return list(rows)


def _args(parts: Sequence[Part]) -> list[Any]:
    return [arg for part in parts for arg in part.args]


def hits(rows: Iterable[Mapping[str, Any]], parts: Sequence[Part]) -> list[Hit]:
    """Rows whose words really are near: the database finds a few that two typos make."""
    found = []
    for row in rows:
        near = [
            nearness(word, part.typed, rules.SHORTEST_FORGIVEN if word in part.similar else rules.SHORTEST_TYPO)
            for word, part in zip(row["words"], parts, strict=True)
        ]
        if None not in near:
            rank = sum(one for one in near if one is not None)
            found.append(
                Hit(ClientId(row["client"]), Matched.NAME, rank, None, row["retired"], opened_at=row["opened_at"])
            )
    return found


_BEGIN_WITH_TYPO = f"""
    UNION (SELECT word FROM client_word WHERE length(p.typed) >= {rules.SHORTEST_TYPO}
        AND beginnings_left_out(word) && one_left_out(left(p.typed, 13)) LIMIT $2)
"""  # noqa: S608


async def widened(words: Sequence[str], *, forgiving: bool = False) -> list[Part] | None:
    """Parts with the words inside which they lie, or that one typo makes of them; None where nothing is added.

    `forgiving`: of short words too, and with the words that begin with what one typo makes of them.
    """
    long = [word for word in words if len(word) >= rules.SHORTEST_INSIDE and not word.isdigit()]
    if not long:
        return None
    begins = _BEGIN_WITH_TYPO if forgiving else ""
    rows = await db.fetch(
        "SELECT p.typed, s.word FROM unnest($1::text[]) AS p (typed) CROSS JOIN LATERAL ("  # noqa: S608
        " (SELECT word FROM client_word WHERE word LIKE '%' || p.typed || '%' LIMIT $2) UNION"
        f" (SELECT word FROM client_word WHERE one_left_out(word) && one_left_out(p.typed) LIMIT $2){begins}) s",
        long,
        MOST_SIMILAR,
    )
    shortest = rules.SHORTEST_FORGIVEN if forgiving else rules.SHORTEST_TYPO
    taken = {Nearness.INSIDE, Nearness.TYPO, *([Nearness.BEGINS_WITH_TYPO] if forgiving else [])}
    similar: dict[str, list[str]] = {word: [] for word in words}
    for row in rows:
        if nearness(row["word"], row["typed"], shortest) in taken:
            similar[row["typed"]].append(row["word"])
    return [Part.beginning(word, similar[word]) for word in words] if any(similar.values()) else None


async def called(words: Sequence[str], *, limit: int = 12) -> list[Hit]:
    """Clients who have each of these folded words, in any order, the best first; one typo is forgiven in all.

    Of names that many have not all clients are looked at.
    """
    similar = await _typos(words)
    parts = [Part(word, word + "\x01", similar[word]) for word in words]
    rows, _ = await _with_words(parts, limit)
    near = [hit for hit in hits(rows, parts) if hit.rank <= Nearness.TYPO]
    return sorted(near, key=lambda hit: hit.order)[:limit]


async def _typos(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The words that one typo makes of each of these, short ones too."""
    long = [word for word in words if len(word) >= rules.SHORTEST_FORGIVEN and not word.isdigit()]
    rows = await db.fetch(
        "SELECT p.typed, s.word FROM unnest($1::text[]) AS p (typed) CROSS JOIN LATERAL ("
        " SELECT word FROM client_word WHERE one_left_out(word) && one_left_out(p.typed) LIMIT $2) s",
        long,
        MOST_SIMILAR,
    )
    near = [(row["typed"], row["word"]) for row in rows if rules.one_typo(row["word"], row["typed"])]
    return {word: tuple(other for typed, other in near if typed == word) for word in words}
