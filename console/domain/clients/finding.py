"""Finding clients by whatever is at hand: a phone's last digits, part of a name, an email, a card, a company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from console.domain import db
from console.domain.clients import typed as rules
from console.domain.clients.rules import card_number
from console.domain.clients.typed import Nearness, Reading, nearness
from console.domain.ids import ActorId, ClientId

KEPT_OPENED = 30
"""How many clients of each actor's are remembered as opened."""
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
MOST_REACHES = 2000
MOST_SIMILAR = 300
"""Words inside which a part lies, and as many with a typo."""
LAST = chr(0x10FFFF)


class Matched(StrEnum):
    """By what a client was found."""

    CARD = "card"
    PHONE = "phone"
    TAX = "tax"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True)
class Hit:
    """A client who was found.

    `value`: the number (digits) of a card, a phone or for the taxes, or the address that fitted, `lost`: by a card that
    is good no more. `rank` is the better the smaller it is; from `Nearness.TYPO` on something is spelt otherwise.
    """

    client: ClientId
    matched: Matched
    rank: int
    value: str | None = None
    retired: bool = False
    lost: bool = False
    opened_at: datetime | None = None

    @property
    def order(self) -> tuple[bool, bool, int, float, int]:
        """Best match first; of equals those opened lately, then the newest. Who does not come any more stands last."""
        opened = -self.opened_at.timestamp() if self.opened_at else 0.0
        return self.rank >= Nearness.TYPO, self.retired, self.rank, opened, -self.client


@dataclass(frozen=True)
class _Part:
    """Which words fit a part that was typed: from it up to `high`, and the `similar` ones."""

    typed: str
    high: str
    similar: tuple[str, ...] = ()

    @classmethod
    def beginning(cls, typed: str, similar: Iterable[str] = ()) -> _Part:
        return cls(typed, typed + LAST, tuple(similar))

    @property
    def exactly(self) -> _Part:
        return _Part(self.typed, self.typed + "\x01")

    @property
    def args(self) -> list[Any]:
        return [self.typed, self.high, list(self.similar)]


async def find(typed: str, *, limit: int = 12, include_retired: bool = True) -> list[Hit]:
    """Clients by what somebody typed, the best first.

    Where there is nobody, as typed on the other keyboard; then with a typo in a short word.
    """
    found = await _find(typed, limit)
    if not found and (other := rules.other_layout(typed)):
        found = await _find(other, limit)
    if not found:
        found = await _forgiven(typed, limit)
    ordered = sorted(found.values(), key=lambda hit: hit.order)
    return [hit for hit in ordered if include_retired or not hit.retired][:limit]


async def _find(text: str, limit: int) -> dict[ClientId, Hit]:
    typed = rules.read(text)
    found: dict[ClientId, Hit] = {}
    if typed.card:
        _add(found, await _by_card(typed.card))
    for reading in typed.readings:
        _add(found, await _by_reading(reading, [_Part.beginning(word) for word in reading.words], limit))
    if len(found) < limit:
        for reading in typed.readings:
            if parts := await _widened(reading.words):
                _add(found, await _by_reading(reading, parts, limit))
    return found


async def _forgiven(text: str, limit: int) -> dict[ClientId, Hit]:
    found: dict[ClientId, Hit] = {}
    for reading in rules.read(text).readings:
        short = any(len(word) == rules.SHORTEST_FORGIVEN for word in reading.words)
        if short and (parts := await _widened(reading.words, rules.SHORTEST_FORGIVEN)):
            _add(found, await _by_reading(reading, parts, limit))
    return found


def _add(found: dict[ClientId, Hit], hits: Iterable[Hit]) -> None:
    for hit in hits:
        known = found.get(hit.client)
        if known is None or hit.rank < known.rank:
            found[hit.client] = hit


async def _by_card(number: str) -> list[Hit]:
    rows = await db.fetch(
        "SELECT c.id, c.retired_at IS NOT NULL AS retired, k.lost_at IS NOT NULL AS lost FROM client_card k"
        " JOIN client c ON c.id = k.client WHERE k.number = $1 AND k.retired_at IS NULL AND c.erased_at IS NULL",
        number,
    )
    return [Hit(ClientId(row["id"]), Matched.CARD, Nearness.EXACT, number, row["retired"], row["lost"]) for row in rows]


async def erased_card(typed: str) -> bool:
    """Whether this is the number of a card that an erased client had: it finds nobody, and is good no more."""
    number = card_number(typed[: rules.LONGEST])
    return number is not None and await db.fetchval(
        "SELECT EXISTS (SELECT FROM client_card k JOIN client c ON c.id = k.client"
        " WHERE k.number = $1 AND k.retired_at IS NULL AND c.erased_at IS NOT NULL)",
        number,
    )


async def _by_reading(reading: Reading, parts: Sequence[_Part], limit: int) -> list[Hit]:
    if reading.phones:
        begins = [(Matched.PHONE, digits[::-1]) for digits in reading.phones]
        begins += [(Matched.TAX, reading.tax[::-1])] if reading.tax else []
        return await _by_reach(begins, parts, limit)
    if reading.email:
        return await _by_reach([(Matched.EMAIL, reading.email)], parts, limit)
    return await _by_words(parts, limit)


_REACHES = """
    SELECT r.client, r.retired, r.kind, r.value FROM unnest($1::text[], $2::text[]) AS b (kind, low)
    CROSS JOIN LATERAL (
        SELECT c.client, c.retired, c.kind, c.value FROM client_reach c
        WHERE c.kind = b.kind AND c.value >= b.low AND c.value < b.low || $3
        ORDER BY c.kind, c.value, c.retired, c.client DESC LIMIT $4
    ) r ORDER BY r.retired, r.client DESC
"""


async def _by_reach(begins: Sequence[tuple[Matched, str]], parts: Sequence[_Part], limit: int) -> list[Hit]:
    """Clients with a phone or tax number (from its end) or an address that begins so, and with words that fit."""
    kinds, lows = [kind.value for kind, _ in begins], [low for _, low in begins]
    rows = await _fitting(_REACHES, [kinds, lows, LAST, MOST_REACHES], parts, limit=max(MOST, limit))
    return [
        _reached(hit, Matched(row["kind"]), row["value"], lows)
        for row, hit in zip(rows, _hits(rows, parts), strict=True)
    ]


def _reached(hit: Hit, kind: Matched, value: str, whole: Sequence[str]) -> Hit:
    """A hit by a phone, an address or a tax number; part of one of the last stands behind the others."""
    part = Nearness.INSIDE if kind is Matched.TAX else Nearness.BEGINS
    said = value if kind is Matched.EMAIL else value[::-1]
    return replace(hit, matched=kind, rank=hit.rank + (Nearness.EXACT if value in whole else part), value=said)


async def _by_words(parts: Sequence[_Part], limit: int) -> list[Hit]:
    """Clients with words that fit. Where those are too many, the ones with the very words are looked for as well."""
    rows, whole = await _with_words(parts, limit)
    exact = [part.exactly for part in parts]
    if not whole and exact != parts:
        rows += (await _with_words(exact, limit))[0]
    return _hits(rows, parts)


_TOKENS = """
    SELECT client, retired, NULL AS value FROM client_token WHERE word >= $1 AND word < $2
    UNION SELECT client, retired, NULL FROM client_token WHERE word = ANY ($3::text[]) ORDER BY retired, client DESC
"""
_LIVING = "SELECT id AS client, false AS retired, NULL AS value FROM client WHERE retired_at IS NULL"
_NEWEST = f"{_LIVING} ORDER BY id DESC LIMIT $1"
_LATELY = f"{_LIVING} AND id IN (SELECT client FROM client_opened ORDER BY at DESC LIMIT $1)"  # noqa: S608


async def _with_words(parts: Sequence[_Part], limit: int) -> tuple[list[Mapping[str, Any]], bool]:
    """Clients for whom every part fits, and whether these are all: the rarest part says where to look."""
    few = FEW if len(parts) == 1 else FEW_OF_SEVERAL
    counts = await _counts(parts, few + 1)
    least = min(counts)
    if least == 0:
        return [], True
    if least <= few:
        most = max(MOST, limit)
        rows = await _fitting(_TOKENS, parts[counts.index(least)].args, parts, limit=most)
        return rows, len(rows) < most
    newest = await _fitting(_NEWEST, [NEWEST], parts, limit=limit)
    return [*newest, *await _fitting(_LATELY, [LATELY], parts, limit=limit)], False


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


async def _counts(parts: Sequence[_Part], most: int) -> list[int]:
    """How often words that fit a part are used, counted up to `most`."""
    counts = (_USED.format(n, n + 1, n + 2) for n in range(2, 2 + 3 * len(parts), 3))
    row = await db.fetchrow(f"SELECT {', '.join(counts)}", most, *_args(parts))
    return [] if row is None else list(row)


async def _fitting(base: str, args: Sequence[Any], parts: Sequence[_Part], *, limit: int) -> list[Mapping[str, Any]]:
    """The first rows of `base` (client, retired, value) with a word for each part, which come as `words`.

    The words of one client after the other are looked up, so that it ends as soon as there are enough.
    """
    first = len(args) + 2
    places = range(first, first + 3 * len(parts), 3)
    words = ", ".join(f"w{n}.word" for n in places)
    fits = "".join(_FITS.format(n, n + 1, n + 2) for n in places)
    rows = await db.fetch(
        "SELECT f.*, (SELECT max(at) FROM client_opened o WHERE o.client = f.client) AS opened_at FROM ("  # noqa: S608
        f" SELECT b.*, ARRAY[{words}]::text[] AS words FROM ({base}) b {fits} LIMIT ${first - 1}) f",
        *args,
        limit,
        *_args(parts),
    )
    return list(rows)


def _args(parts: Sequence[_Part]) -> list[Any]:
    return [arg for part in parts for arg in part.args]


def _hits(rows: Iterable[Mapping[str, Any]], parts: Sequence[_Part]) -> list[Hit]:
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


async def _widened(words: Sequence[str], shortest_typo: int = rules.SHORTEST_TYPO) -> list[_Part] | None:
    """Parts with the words inside which they lie, or that one typo makes of them; None where nothing is added."""
    long = [word for word in words if len(word) >= rules.SHORTEST_INSIDE and not word.isdigit()]
    if not long:
        return None
    rows = await db.fetch(
        "SELECT p.typed, s.word FROM unnest($1::text[]) AS p (typed) CROSS JOIN LATERAL ("
        " (SELECT word FROM client_word WHERE word LIKE '%' || p.typed || '%' LIMIT $2) UNION"
        " (SELECT word FROM client_word WHERE one_left_out(word) && one_left_out(p.typed) LIMIT $2)) s",
        long,
        MOST_SIMILAR,
    )
    similar: dict[str, list[str]] = {word: [] for word in words}
    for row in rows:
        if nearness(row["word"], row["typed"], shortest_typo) in (Nearness.INSIDE, Nearness.TYPO):
            similar[row["typed"]].append(row["word"])
    return [_Part.beginning(word, similar[word]) for word in words] if any(similar.values()) else None


async def called(words: Sequence[str], *, limit: int = 12) -> list[Hit]:
    """Clients who have each of these folded words, in any order, the best first; one typo is forgiven in all.

    Of names that many have not all clients are looked at.
    """
    similar = await _typos(words)
    parts = [_Part(word, word + "\x01", similar[word]) for word in words]
    rows, _ = await _with_words(parts, limit)
    near = [hit for hit in _hits(rows, parts) if hit.rank <= Nearness.TYPO]
    return sorted(near, key=lambda hit: hit.order)[:limit]


async def _typos(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The words that one typo makes of each of these."""
    long = [word for word in words if len(word) >= rules.SHORTEST_TYPO and not word.isdigit()]
    rows = await db.fetch(
        "SELECT p.typed, s.word FROM unnest($1::text[]) AS p (typed) CROSS JOIN LATERAL ("
        " SELECT word FROM client_word WHERE one_left_out(word) && one_left_out(p.typed) LIMIT $2) s",
        long,
        MOST_SIMILAR,
    )
    near = [(row["typed"], row["word"]) for row in rows if rules.one_typo(row["word"], row["typed"])]
    return {word: tuple(other for typed, other in near if typed == word) for word in words}


async def opened(actor: ActorId, client: int, now: datetime) -> None:
    """Remember that somebody opened a client's card; the latest few of theirs are kept."""
    await db.execute(
        "INSERT INTO client_opened (actor, client, at)"
        " SELECT $1, id, $3 FROM client WHERE id = $2 AND erased_at IS NULL"
        " ON CONFLICT (actor, client) DO UPDATE SET at = greatest(client_opened.at, excluded.at)",
        actor,
        client,
        now,
    )
    await db.execute(
        "DELETE FROM client_opened WHERE actor = $1 AND id NOT IN"
        " (SELECT id FROM client_opened WHERE actor = $1 ORDER BY at DESC, id DESC LIMIT $2)",
        actor,
        KEPT_OPENED,
    )


async def recent(actor: ActorId, *, limit: int = 8) -> list[ClientId]:
    """The clients whose cards somebody opened last."""
    rows = await db.fetch(
        "SELECT o.client FROM client_opened o JOIN client c ON c.id = o.client"
        " WHERE o.actor = $1 AND c.erased_at IS NULL ORDER BY o.at DESC, o.id DESC LIMIT $2",
        actor,
        limit,
    )
    return [ClientId(row["client"]) for row in rows]
