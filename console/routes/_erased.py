"""Erasing a person: why, and what goes; the card of a client who was erased, and what happened before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Response

from console import i18n
from console.domain.clients import queries as clients
from console.domain.clients.queries import ClientView
from console.domain.desk import queries
from console.domain.desk.rules import OFFERED, Why
from console.domain.intent import Effect
from console.domain.team import queries as team
from console.domain.tickets import mail_queries
from console.domain.tickets import queries as tickets
from console.routes import _called, _timeline
from console.routes import _fields as f
from console.routes import _tickets as words
from console.routes._forms import Form
from console.routes._page import Req, page
from console.routes._submit import Show, told

WHYS = {
    Why.ASKED: "words.erased_asked",
    Why.NOT_NEEDED: "words.erased_not_needed",
    Why.MISTAKE: "words.erased_mistake",
    Why.RESTORED: "words.erased_restored",
}
"""Keys of the words for the reasons."""

FORM = (
    f.choice(
        "reason",
        lambda: [(why.value, i18n.gettext(WHYS[why])) for why in OFFERED],
        kind="radio",
        label="field.erased_why",
    ),
    f.hidden("expected", required=False, label="field.expected"),
)


def parts(effects: Sequence[Effect], key: str) -> list[dict[str, Any]]:
    """The tables that an erasure empties, or that stay: the part of the record, how many rows, and which columns."""
    return [_part(one) for one in effects if one.key == key]


def _part(effect: Effect) -> dict[str, Any]:
    entity = effect.params["entity"]
    fields = [i18n.gettext(f"column.{entity}.{name}") for name in effect.params.get("fields", ()) if name != "folded"]
    return {
        "part": i18n.gettext(f"part.{queries.part_of(entity)}"),
        "count": effect.params["count"],
        "fields": i18n.listing(list(dict.fromkeys(fields))),
    }


async def nobodys(addresses: Sequence[str]) -> dict[str, Any]:
    """What came by mail from these addresses and is no client's: the tickets, and how many mails were set aside."""
    aside = await mail_queries.aside_from(addresses)
    return {
        "tickets": [
            (one.number, words.subject_words(one), words.url(one.number))
            for one in await tickets.from_addresses(addresses)
        ],
        "aside": i18n.words("words.mails_set_aside", {"count": aside}) if aside else "",
    }


def unless(whose: int | Callable[[], Awaitable[int]], show_form: Show) -> Show:
    """Show a form again; of a client who was erased while it was on its way, what was typed and that it is not saved.

    `whose`: the client whom it is about, or what finds them once the form is shown again.
    """

    async def answer(request: Req, form: Form, status: int) -> Response[Any]:
        one = await clients.client(whose if isinstance(whose, int) else await whose())
        if one.erased_at is None:
            return await show_form(request, form, status)
        return await show(request, one, 409, late=form)

    return answer


async def show(request: Req, one: ClientView, status: int = 200, *, late: Form | None = None) -> Response[Any]:
    """The calm page in place of a card. `late`: what was to be saved of them, and was not."""
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
        late=late is not None,
        typed=[pair for pair in told(late).values() if pair[1]] if late else [],
        facts=facts,
        timeline=await _timeline.part(request, one.id),
    )
