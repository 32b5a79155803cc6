"""Cash drawers that hold less than is to go back out of them: unusual, and allowed."""

from __future__ import annotations

from collections.abc import Mapping

from console import i18n
from console.domain.ids import MethodId
from console.domain.visits import tills_queries


async def short_of(location: int, currency: str, back: Mapping[MethodId, int]) -> list[str]:
    """Of what goes `back` by each method out of a location's till, what its drawer lacks, in words."""
    till = await tills_queries.open_till(location)
    return [
        i18n.words(
            "words.refund_beyond_drawer",
            {"money": i18n.money(line.expected, currency), "method": i18n.lower_first(i18n.spoken(line.names))},
        )
        for line in till.lines
        if line.drawer and line.currency == currency and 0 < back.get(line.method, 0) > line.expected
    ]
