"""What one can go to besides clients: pages, colleagues, the team, the catalogue, places and holidays.

Things are few and change seldom: their folded words are kept in the application's memory until one of them changes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from console import i18n
from console.domain.booking import typed
from console.domain.business import queries as business
from console.domain.catalogue import queries as catalogue
from console.domain.clients import rules as client_rules
from console.domain.revision import revision
from console.domain.roster import queries as roster
from console.domain.roster.rules import BookableKind
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.routes import _names, _page
from console.routes._agenda import ENTRY
from console.routes._hours import days_words
from console.routes._page import Item, Req, frame, settings_items
from console.routes.holidays import url_of

HOURS = "/hours"
YEARS = 3
"""How many years ahead holidays are looked for."""
SHORTEST_WORD = 2
"""Letters from which on what a page is about is searched, too."""
READ_FROM = ("business", "staff", "bookable", "service", "product", "location", "holiday")

ABOUT = {
    "/settings/business": "words.about_business",
    "/settings/locations": "words.about_locations",
    "/settings/holidays": "words.about_holidays",
    "/settings/staff": "words.about_staff",
    "/settings/history": "words.about_history",
    "/settings/mailbox": "words.about_mailbox",
    "/cashbook": "words.about_cashbook",
    "/programme": "words.about_programme",
    HOURS: "words.about_hours",
    "/profile": "words.about_profile",
    "/help": "words.about_help",
    ENTRY: "words.about_entry",
    "/series": "words.about_series",
    "/team/people": "words.about_team",
}
"""Keys of the words, with commas between, by which a page is found besides its name."""

KINDS = {
    BookableKind.PERSON: "words.found_person",
    BookableKind.CREW: "words.found_crew",
    BookableKind.ROOM: "words.found_room",
    BookableKind.VEHICLE: "words.found_vehicle",
    BookableKind.EQUIPMENT: "words.found_equipment",
}

Marked = Sequence[tuple[str, bool]]
"""A text in pieces: those that are what was typed, and the others."""


def unmarked(text: str) -> Marked:
    return ((text, False),) if text else ()


@dataclass(frozen=True)
class Found:
    """Where one can go, and what tells it from others of its name.

    `off`: it is not in use any more; `away`: a client who comes no more; `by_card`: found by the number of their card,
    `no_good`: one that is `lost` or `withdrawn`; `loud`: the beginning of the note that jumps out.
    """

    label: Marked
    url: str
    icon: str
    note: Marked = ()
    off: bool = False
    away: bool = False
    by_card: bool = False
    no_good: str = ""
    loud: str = ""

    @classmethod
    def plain(cls, label: str, url: str, icon: str, note: str = "", *, off: bool = False) -> Found:
        return cls(unmarked(label), url, icon, unmarked(note), off)


@dataclass(frozen=True)
class Goal:
    """A thing, the folded words that it is found by, and what one must be allowed to open it.

    `otherwise`: it stands for what those open who have this permission, and is for the others.
    """

    found: Found
    words: tuple[str, ...]
    needs: Permission
    otherwise: Permission | None = None


@dataclass(frozen=True)
class _Named:
    """A page as it is called in a language, and what it is about there, each beside how it is folded."""

    url: str
    label: str
    folded: str
    about: Sequence[tuple[str, str]]


def pages(request: Req, wanted: str) -> list[Found]:
    """Pages by their names, then those by what they are about: in one's own language, then in the others of ours."""
    found: dict[str, Found] = {}
    shown, named = _named(request)
    for ours, those in named:
        for one in those:
            if wanted in one.folded:
                _add(found, shown[one.url], "" if ours else one.label)
        for one in those:
            if len(wanted) >= SHORTEST_WORD and (word := next((it for it, at in one.about if wanted in at), "")):
                _add(found, shown[one.url], word)
    return list(found.values())


def _add(found: dict[str, Found], item: Item, note: str) -> None:
    found.setdefault(item.url, Found.plain(item.label, item.url, item.icon, note))


def _named(request: Req) -> tuple[dict[str, Item], Sequence[tuple[bool, Sequence[_Named]]]]:
    """The pages that somebody may open, by address, and their names in each language, one's own first.

    Kept for each language and what one may: to fold them all takes a millisecond.
    """
    kept: dict[object, tuple[dict[str, Item], Sequence[tuple[bool, Sequence[_Named]]]]]
    kept = request.app.state.setdefault("page_names", {})
    key = (i18n.current(), request.user.actor.permissions)
    if key not in kept:
        shown = {item.url: item for item in _listed(request)}
        named = []
        for language in sorted(i18n.LANGUAGES, key=lambda one: one != i18n.current()):
            with i18n.speaking(language):
                named.append((language == key[0], [_name(item) for item in _listed(request)]))
        kept[key] = (shown, named)
    return kept[key]


def _name(item: Item) -> _Named:
    """A page in the current language."""
    about = [word.strip() for word in _about(item.url).split(",")]
    return _Named(item.url, item.label, fold(item.label), [(word, fold(word)) for word in about if word])


def _listed(request: Req) -> list[Item]:
    """The pages that somebody may open, named in the current language."""
    listed = [*frame(request, "").nav, *settings_items(request), Item(i18n.gettext("title.profile"), "/profile", "key")]
    if request.user.actor.may(Permission.BOOKING_READ):
        listed.append(Item(i18n.gettext("title.series_list"), "/series", "clock"))
    if request.user.actor.may(Permission.VISIT_FINISH):
        listed.append(Item(i18n.gettext("title.day_entry"), ENTRY, "edit"))
    listed.append(Item(i18n.gettext("title.opening_hours"), HOURS, "clock"))
    listed.append(Item(i18n.gettext("title.help"), "/help", "info"))
    return listed


def _about(url: str) -> str:
    return i18n.gettext(ABOUT[url]) if url in ABOUT else ""


async def things(request: Req, wanted: str, meant: str) -> dict[Permission, list[Found]]:
    """What has every typed part in one of its words, by what lets one open it; beginnings and what is in use first.

    Of sorts in which nothing is `wanted`, what is `meant`: the same keys on the other keyboard.
    """
    may = request.user.actor.may
    goals = [one for one in await _goals(request) if may(one.needs) and not (one.otherwise and may(one.otherwise))]
    return {**_having(goals, meant), **_having(goals, wanted)}


def _having(goals: Iterable[Goal], wanted: str) -> dict[Permission, list[Found]]:
    parts = wanted.split()
    found: dict[Permission, list[tuple[tuple[bool, bool], Found]]] = {}
    for goal in goals:
        if all(any(part in word for word in goal.words) for part in parts):
            begins = any(word.startswith(wanted) for word in goal.words)
            found.setdefault(goal.needs, []).append(((goal.found.off, not begins), goal.found))
    return {needs: [one for _, one in sorted(ranked, key=lambda pair: pair[0])] for needs, ranked in found.items()}


async def _goals(request: Req) -> Sequence[Goal]:
    kept: dict[str, tuple[object, Sequence[Goal]]] = request.app.state.setdefault("goals", {})
    today = _page.today(request)
    language = i18n.current()
    good_for = (await revision(*READ_FROM), today)
    if language not in kept or kept[language][0] != good_for:
        kept[language] = (good_for, [goal async for goal in _read(request, today)])
    return kept[language][1]


def _goal(found: Found, words: Iterable[str | None], needs: Permission, otherwise: Permission | None = None) -> Goal:
    return Goal(found, tuple(fold(word) for word in words if word), needs, otherwise)


def day(query: str, today: date) -> list[Found]:
    """The hours of a day that was typed: Saturday, 8 March, 8.3., 2027-03-08."""
    on = typed.day(fold(query), today) or _dated(query, today)
    if on is None:
        return []
    label = i18n.day(on, year=on.year != today.year)
    return [Found.plain(label, f"{HOURS}?on={on.isoformat()}", "clock", i18n.gettext("title.opening_hours"))]


def _dated(query: str, today: date) -> date | None:
    found = client_rules.read_birthday(query, i18n.month_numbers())
    if found is None:
        return None
    try:
        return date(found.year, found.month, found.day) if found.year else client_rules.next_birthday(found, today)
    except ValueError:
        return None


async def _read(request: Req, today: date) -> AsyncIterator[Goal]:
    for one in await team.colleagues():
        email, off = i18n.email(one.email), one.retired_at is not None
        found = Found.plain(one.name, f"/settings/staff/{one.id}", "staff", email, off=off)
        yield _goal(found, (one.name, email, one.email), Permission.STAFF_READ)
    for bookable in await roster.bookables():
        kind = i18n.gettext(KINDS[bookable.kind])
        off = bookable.retired_at is not None
        found = Found.plain(bookable.name, f"/team/bookables/{bookable.id}", "agenda", kind, off=off)
        yield _goal(found, (bookable.name,), Permission.ROSTER_READ)
    for goal in _offered(request, await catalogue.services(today), "services"):
        yield goal
    for goal in _offered(request, await catalogue.products(today), "products"):
        yield goal
    for place in await business.locations():
        off = place.retired_at is not None
        found = Found.plain(place.name, f"/settings/locations/{place.id}", "place", place.address or "", off=off)
        yield _goal(found, (place.name, place.address), Permission.LOCATION_CHANGE)
        if not off:
            found = replace(found, url=HOURS)
            yield _goal(found, (place.name, place.address), Permission.OVERVIEW_READ, Permission.LOCATION_CHANGE)
    for run in await _holidays(today):
        names = run.days[0].names
        when = f"{days_words(run.first, run.last)} {run.last.year}"
        found = Found.plain(i18n.spoken(names), url_of(run), "holidays", when)
        yield _goal(found, tuple(names.values()), Permission.HOLIDAY_CHANGE)
        found = replace(found, url=f"{HOURS}?on={run.first.isoformat()}")
        yield _goal(found, tuple(names.values()), Permission.OVERVIEW_READ, Permission.HOLIDAY_CHANGE)


def _offered(
    request: Req, listed: Iterable[catalogue.ServiceView | catalogue.ProductView], path: str
) -> Iterator[Goal]:
    for one in listed:
        name, off = _names.shown(request, one.names), one.retired_at is not None
        found = Found.plain(name, f"/catalogue/{path}/{one.id}", "catalogue", one.code, off=off)
        barcode = one.barcode if isinstance(one, catalogue.ProductView) else None
        yield _goal(found, (*one.names.values(), one.code, barcode), Permission.CATALOGUE_READ)


async def _holidays(today: date) -> list[business.HolidayRun]:
    """Those to come, then those of this year that are over; days in a row as one."""
    runs = await business.holiday_runs(date(today.year, 1, 1), date(today.year + YEARS, 12, 31))
    return sorted(runs, key=lambda run: run.last < today)
