"""What the pages of a client's link have in common: whose it is, in which language, and what a booking is in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from litestar import Response

from console import calendars, i18n, links
from console.domain import clock
from console.domain.booking import by_link
from console.domain.booking.told_client import ToldClient
from console.domain.booking.told_series import ToldSeries
from console.domain.errors import Problem, Throttled
from console.domain.intent import Effect
from console.routes import _bookings as words
from console.routes import _fees
from console.routes._errors import wait_words
from console.routes._guards import PUBLIC
from console.routes._page import Req, frame, rendered
from console.routes._session import NotOurForm, browser
from console.routes._times import span_words

BY_LINK = {**PUBLIC, "by_link": "token"}
"""Whoever has the address may: it proves by itself who asks."""
NO_LINK = {**PUBLIC, "takes_no_form": True}
LOOK_AGAIN = Problem("problem.link_changed")
Show = Callable[[ToldClient], Awaitable[Response[Any]]]


async def of_link(request: Req, token: str, show: Show, *, counted: by_link.Most | None = None) -> Response[Any]:
    """What a link shows, in its client's language; `counted`: only so often. Nothing for what is no link."""
    if links.is_trial(token):
        return trial(request)
    now = clock.now()
    proves = partial(links.is_for, request.app.state.settings, token)
    try:
        told = await by_link.opened(links.named(token), proves, browser(request), now)
        if told is not None and counted is not None:
            await by_link.count_of(told.booking.id, counted, now)
    except Throttled as often:
        return too_often(request, often)
    if told is None:
        return nothing(request)
    i18n.use(told.language)
    return await show(told)


async def of_series_link(
    request: Req,
    token: str,
    show: Callable[[ToldSeries], Awaitable[Response[Any]]],
    *,
    counted: by_link.Most | None = None,
) -> Response[Any]:
    """The same of the link of a series."""
    if links.is_trial(token):
        return trial(request)
    now = clock.now()
    proves = partial(links.is_for_series, request.app.state.settings, token)
    try:
        told = await by_link.opened_series(links.series(token), proves, browser(request), now)
        if told is not None and counted is not None:
            await by_link.count_of_series(told.series, counted, now)
    except Throttled as often:
        return too_often(request, often)
    if told is None:
        return nothing(request)
    i18n.use(told.first.language)
    return await show(told)


def not_ours(request: Req, error: NotOurForm) -> Response[Any]:
    """A form that no page of this link made: nothing is done, and the way back to it is shown."""
    return page_of_link(
        request, "links/once_more.html", "title.link_once_more", 403, url=request.url.path.rpartition("/")[0]
    )


def too_often(request: Req, often: Throttled) -> Response[Any]:
    """That a network tried too many links, or a client answered too often."""
    response = page_of_link(request, "links/often.html", "title.link_often", 429, retry_after=wait_words(often))
    response.headers["Retry-After"] = str(often.seconds)
    return response


def nothing(request: Req) -> Response[Any]:
    """The one page for a link that is old, cut, invented, or of what is over."""
    phone = request.scope["state"]["business"].phone
    return page_of_link(request, "links/nothing.html", "title.link_nothing", 404, phone=_phone(phone))


def trial(request: Req) -> Response[Any]:
    """Where the link leads of a message that somebody of ours only tried."""
    return page_of_link(request, "links/trial.html", "title.link_trial", 200)


def link_page(
    request: Req, template: str, title: str, told: ToldClient, status: int = 200, **context: Any
) -> Response[Any]:
    """A page about a booking. `title`: the key of its heading."""
    url = links.path(links.token(request.app.state.settings, told.booking.id, told.booking.client))
    return page_of_link(request, template, title, status, url=url, booking=facts(told), **context)


def facts(told: ToldClient) -> dict[str, Any]:
    one = told.booking
    day = words.business_day(one)
    return {
        "what": calendars.services(told),
        "day": i18n.day(day, year=day.year != words.today(one.zone).year),
        "time": span_words(one.starts_at, one.ends_at, one.zone),
        "place": calendars.where(told) if one.site else one.location_name,
        "address": None if one.site else told.address,
        "phone": _phone(told.phone),
    }


def calendar_file(request: Req, those: Sequence[ToldClient]) -> Response[Any]:
    """Bookings for the client's own calendar."""
    content = calendars.invite(those, request.app.state.settings, clock.now())
    headers = {"Content-Disposition": 'attachment; filename="booking.ics"'}
    return Response(content, media_type=f"{calendars.MEDIA_TYPE}; method={calendars.method(those)}", headers=headers)


def costs_words(effects: Sequence[Effect], notice_hours: int) -> str:
    """What calling off now costs, and why."""
    notice = i18n.duration(notice_hours * 60)
    sums: dict[str, int] = {}
    for one in effects:
        if one.key == "effect.fee":
            sums[one.params["currency"]] = sums.get(one.params["currency"], 0) + one.params["minor"]
    if sums:
        return i18n.words("words.link_costs", {"money": _fees.money_words(sums), "notice": notice})
    if any(one.key == "effect.cancelled_late" for one in effects):
        return i18n.words("words.link_late", {"notice": notice})
    return i18n.gettext("words.link_costs_nothing")


def _phone(stored: str | None) -> dict[str, str] | None:
    return {"tel": stored, "shown": i18n.phone(stored)} if stored else None


def page_of_link(request: Req, template: str, title: str, status: int, **context: Any) -> Response[Any]:
    """A page for somebody who does not sign in."""
    return rendered(template, frame(request, i18n.gettext(title)), context, status=status)
