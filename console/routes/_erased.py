"""The card of a client who was erased: that it was done, when, by whom and why, and what happened before."""

from __future__ import annotations

from typing import Any

from litestar import Response

from console import i18n
from console.domain.clients.queries import ClientView
from console.domain.desk import queries
from console.domain.desk.rules import Why
from console.domain.team import queries as team
from console.routes import _called, _timeline
from console.routes._page import Req, page

WHYS = {
    Why.ASKED: "words.erased_asked",
    Why.NOT_NEEDED: "words.erased_not_needed",
    Why.MISTAKE: "words.erased_mistake",
    Why.RESTORED: "words.erased_restored",
}
"""Keys of the words for the reasons."""


async def show(request: Req, one: ClientView, status: int = 200, *, late: bool = False) -> Response[Any]:
    """The calm page in place of a card. `late`: something was to be saved of them, and was not."""
    known = await queries.erasure(one.id)
    assert known is not None
    people = await team.roles([known.actor])
    facts = [
        (i18n.gettext("field.erased_at"), i18n.moment(known.at, request.scope["state"]["business"].zone)),
        (i18n.gettext("field.erased_by"), _timeline.who(people, known.actor)),
        (i18n.gettext("field.joined_on"), i18n.short_day(one.joined_on)),
        (i18n.gettext("field.pseudonym"), str(one.pseudonym)),
    ]
    if known.why is not None:
        facts.insert(2, (i18n.gettext("field.erased_why"), i18n.gettext(WHYS[known.why])))
    return await page(
        request,
        "clients/erased.html",
        _called.erased(),
        status=status,
        client=one,
        late=late,
        facts=facts,
        timeline=await _timeline.part(request, one.id),
    )
