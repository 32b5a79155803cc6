"""The omnibox: whatever there is to go to, by part of its name or by what a page is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get

from console import i18n
from console.domain import clock
from console.domain.business import queries
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.routes._guards import needs
from console.routes._hours import days_words
from console.routes._page import Item, Req, frame, page, settings_items

LONGEST = 200
MOST = 20
"""Results of each sort."""
YEARS = 3
"""How many years ahead holidays are looked for."""
SHORTEST_WORD = 2
"""Letters from which on what a page is about is searched, too."""

ABOUT = {
    "/settings/business": "words.about_business",
    "/settings/locations": "words.about_locations",
    "/settings/holidays": "words.about_holidays",
    "/settings/staff": "words.about_staff",
    "/settings/history": "words.about_history",
    "/settings/mailbox": "words.about_mailbox",
    "/profile": "words.about_profile",
}
"""Keys of the words, with commas between, by which a page is found besides its name."""


@dataclass(frozen=True)
class Found:
    """Where one can go, and what tells it from others of its name."""

    label: str
    url: str
    icon: str
    note: str = ""


@get("/search", opt=needs(Permission.OVERVIEW_READ))
async def search(request: Req) -> Response[Any]:
    query = request.query_params.get("q", "").strip()[:LONGEST]
    wanted = fold(query)
    found = [*_pages(request, wanted), *await _things(request, wanted)] if wanted else []
    return await page(request, "search/page.html", i18n.gettext("title.search"), query=query, found=found)


def _pages(request: Req, wanted: str) -> list[Found]:
    """Pages by their names, then those by what they are about."""
    listed = [*frame(request, "").nav, *settings_items(request), Item(i18n.gettext("title.profile"), "/profile", "key")]
    items = {item.url: item for item in reversed(listed)}.values()
    named = [Found(item.label, item.url, item.icon) for item in items if wanted in fold(item.label)]
    about = [
        Found(item.label, item.url, item.icon, word)
        for item in items
        if item.url not in {one.url for one in named} and (word := _word(item.url, wanted))
    ]
    return [*named, *about]


def _word(url: str, wanted: str) -> str | None:
    """The word by which a page is found."""
    if url not in ABOUT or len(wanted) < SHORTEST_WORD:
        return None
    words = (word.strip() for word in i18n.gettext(ABOUT[url]).split(","))
    return next((word for word in words if wanted in fold(word)), None)


async def _things(request: Req, wanted: str) -> list[Found]:
    """Colleagues, locations and holidays that the person may open."""
    may = request.user.actor.may
    today = clock.business_date(clock.now(), request.scope["state"]["business"].zone)
    return [
        *(await _colleagues(wanted) if may(Permission.STAFF_READ) else [])[:MOST],
        *(await _locations(wanted) if may(Permission.LOCATION_CHANGE) else [])[:MOST],
        *(await _holidays(wanted, today) if may(Permission.HOLIDAY_CHANGE) else [])[:MOST],
    ]


async def _colleagues(wanted: str) -> list[Found]:
    return [
        Found(one.name, f"/settings/staff/{one.id}", "staff", one.email)
        for one in await team.colleagues()
        if wanted in fold(one.name) or wanted in one.email
    ]


async def _locations(wanted: str) -> list[Found]:
    return [
        Found(one.name, f"/settings/locations/{one.id}", "place", one.address or "")
        for one in await queries.locations()
        if wanted in fold(one.name) or wanted in fold(one.address or "")
    ]


async def _holidays(wanted: str, today: date) -> list[Found]:
    """Those to come, then those of this year that are over; days in a row as one."""
    runs = await queries.holiday_runs(date(today.year, 1, 1), date(today.year + YEARS, 12, 31))
    return [
        Found(
            run.days[0].name,
            f"/settings/holidays/{run.days[0].id}",
            "holidays",
            f"{days_words(run.first, run.last)} {run.last.year}",
        )
        for run in sorted(runs, key=lambda run: run.last < today)
        if wanted in fold(run.days[0].name)
    ]


ROUTES = [search]
