"""What messages tell, in words: the values of the names that their texts have in braces, in the current language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console import calendars, i18n, links
from console.booking_news import booking_news
from console.config import Settings
from console.domain import clock
from console.domain.audit.naming import Name
from console.domain.booking import series_views
from console.domain.booking.told_client import ToldClient, told_client
from console.domain.booking.told_series import told_together
from console.domain.business import queries as business
from console.domain.catalogue.queries import service_names
from console.domain.clients.queries import client
from console.domain.clients.rules import Names
from console.domain.ids import BookingId, ClientId, SeriesId, TicketStatusId
from console.domain.loyalty import queries as loyalty
from console.domain.loyalty.rules.programme import Match, Standing, Tiers
from console.domain.messages.rules import MessageKind, Outgoing
from console.domain.tickets.queries import ticket
from console.series_wording import Several, several_words
from console.wording import lacks

Values = Mapping[str, str]


@dataclass(frozen=True)
class _Style:
    """How values are written: each `day`, and whether `shortly`."""

    day: Callable[[date], str]
    shortly: bool


_Said = str | Callable[[_Style], str]
"""A value, or how it is made in a style."""


@dataclass(frozen=True)
class InWords:
    """The value of each name that a message's texts may have, empty where there is nothing to say.

    `at_length` for a mail, and `shortly` for an SMS.
    """

    at_length: Values
    shortly: Values


async def values(one: Outgoing, settings: Settings) -> InWords:
    """What a message tells, with what it names as that is called now."""
    about = await business.details()
    called = addressed((await client(_client(one))).names)
    said: dict[str, _Said] = {"client": called, "business": about.name, "phone": _phone(about.phone)}
    said |= await _of_its_kind(one, settings, about.currency)
    return InWords(
        _written(said, _Style(i18n.weekday_and_date, shortly=False)), _written(said, _Style(_short, shortly=True))
    )


def _written(said: Mapping[str, _Said], style: _Style) -> Values:
    return {name: value if isinstance(value, str) else value(style) for name, value in said.items()}


def _short(on: date) -> str:
    """Tue 12 May; вт, 12 мая."""
    return i18n.dated(on, "EEE, d MMMM" if i18n.current() == "ru" else "EEE d MMM")


async def _of_its_kind(one: Outgoing, settings: Settings, currency: str) -> Mapping[str, _Said]:
    if one.kind.startswith("booking."):
        return await _of_booking(one, settings)
    if one.kind == MessageKind.VISIT_THANKS:
        return await _of_visit(one)
    if one.kind == MessageKind.TICKET_SATISFACTION:
        return await _of_ticket(one, settings)
    if one.kind.startswith("tier."):
        return await _of_tier(one, currency)
    return {"last_day": _day_of_month(one.variables["last"])}


def addressed(names: Names) -> str:
    """How somebody is spoken to: a company by its name, Russians by given name and patronymic."""
    if names.company or not names.given:
        return names.shown
    return f"{names.given} {names.middle}" if names.middle and i18n.current() == "ru" else names.given


async def _of_booking(one: Outgoing, settings: Settings) -> Mapping[str, _Said]:
    booking = BookingId(_number(one, "booking"))
    zone = ZoneInfo((await business.location(_number(one, "location"))).zone)
    starts, several = _instant(one, "starts"), _several(one, zone)
    time = i18n.time_of_day(starts, zone)
    return _place(await told_client(booking)) | {
        "date": lambda style: style.day(clock.business_date(starts, zone)),
        "time": time,
        "news": lambda style: booking_news(
            one, several, style.day(clock.business_date(starts, zone)), time, shortly=style.shortly
        ),
        "series": await _of_series(one, several),
        "services": await _services(one),
        "before": _before(one, zone, several),
        "answer": _answer(await told_of(one), several),
        "link": _link(one, settings),
    }


async def told_of(one: Outgoing) -> Sequence[ToldClient]:
    """The bookings that a message tells of."""
    first = BookingId(_number(one, "booking"))
    if not one.variables.get("series") or not one.variables.get("last_starts"):
        return [await told_client(first)]
    series, last = SeriesId(_number(one, "series")), _instant(one, "last_starts")
    off = one.kind == MessageKind.BOOKING_CANCELLED
    return await told_together(series, first, last, clock.now(), off=off)


def _answer(those: Sequence[ToldClient], several: Several | None) -> _Said:
    """What the client may do where the link leads: confirm, unless they have, and cancel."""
    asks = any(map(calendars.to_confirm, those))
    if several:
        at_length = i18n.gettext("words.may_answer_several" if asks else "words.may_cancel_several")
    else:
        at_length = i18n.gettext("words.may_answer" if asks else "words.may_cancel")
    shortly = i18n.gettext("words.may_answer_shortly" if asks else "words.may_cancel_shortly")
    return lambda style: shortly if style.shortly else at_length


def _link(one: Outgoing, settings: Settings) -> str:
    """Where the client answers: to all bookings of a series that they are told of together, else to the one."""
    if series := one.variables.get("series"):
        return _theirs(one, links.series_url(settings, SeriesId(int(series)), _client(one)))
    return _theirs(one, links.url(settings, BookingId(_number(one, "booking")), _client(one)))


def _theirs(one: Outgoing, link: str) -> str:
    """A client's link; whoever tries a text does not get it, for it answers in the client's name."""
    return links.trial(link) if one.is_trial else link


def _several(one: Outgoing, zone: ZoneInfo) -> Several | None:
    """What is told of more than one booking of a series at once."""
    count = int(one.variables.get("count") or 0)
    if not one.variables.get("series") or count < 2:
        return None
    first, last = (clock.business_date(_instant(one, name), zone) for name in ("starts", "last_starts"))
    return Several(first, last, count)


async def _of_series(one: Outgoing, several: Several | None) -> _Said:
    """What is told of several bookings of a series at once; empty for a booking by itself."""
    number = one.variables.get("series")
    of = (await series_views.several([int(number)])).get(SeriesId(int(number))) if number else None
    if of is None:
        return ""
    goes_on = one.kind != MessageKind.BOOKING_CANCELLED and await series_views.goes_further(of)
    those = replace(several, goes_on=goes_on) if several else None
    return lambda style: several_words(of.rule, of.minute, those, shortly=style.shortly)


def _before(one: Outgoing, zone: ZoneInfo, several: Several | None) -> _Said:
    """When it began before; of several the first of them."""
    if not one.variables.get("before"):
        return ""
    moment = _moment(_instant(one, "before"), zone)
    return moment if several is None else lambda style: i18n.words("words.first_of_them", {"when": moment(style)})


def _moment(at: datetime, zone: ZoneInfo) -> Callable[[_Style], str]:
    return lambda style: f"{style.day(clock.business_date(at, zone))}, {i18n.time_of_day(at, zone)}"


def _place(told: ToldClient) -> dict[str, _Said]:
    return {
        "location": calendars.where(told),
        "address": "" if told.booking.site else told.address or "",
        "phone": _phone(told.phone),
    }


async def _services(one: Outgoing) -> str:
    ids = [int(each) for each in str(one.variables["services"]).split(".")]
    called = await service_names(ids)
    return ", ".join(_called(called[each]) for each in ids if each in called)


def _called(name: Name) -> str:
    return name.text if isinstance(name.text, str) else i18n.spoken(name.text)


async def _of_visit(one: Outgoing) -> Mapping[str, _Said]:
    where = await business.location(_number(one, "location"))
    on = date.fromisoformat(str(one.variables["on"]))
    place = {"location": where.name, "address": where.address or ""} | _own_phone(where.phone)
    return place | {"date": lambda style: style.day(on)}


def _own_phone(number: str | None) -> dict[str, _Said]:
    return {"phone": _phone(number)} if number else {}


async def _of_ticket(one: Outgoing, settings: Settings) -> Mapping[str, _Said]:
    row = await ticket(_number(one, "ticket"))
    link = links.satisfaction_url(settings, TicketStatusId(_number(one, "solving")), _client(one))
    return {"ticket": str(row.number), "subject": row.subject or "", "link": _theirs(one, link)}


async def _of_tier(one: Outgoing, currency: str) -> Mapping[str, _Said]:
    tiers = (await loyalty.version(_number(one, "version"))).programme.tiers
    if tiers is None:
        return {}
    held = tiers.ladder[_number(one, "tier")]
    before = one.variables.get("before")
    return {
        "tier": _tier(tiers, _number(one, "tier")),
        "discount": i18n.percent(held.discount_bp) if held.discount_bp else "",
        "before": _tier(tiers, int(before)) if before is not None else "",
        "last_day": _day_of_month(one.variables.get("last")),
        "missing": _missing(one, currency),
    }


def _tier(tiers: Tiers, place: int) -> str:
    tier = tiers.ladder[place]
    return i18n.spoken(tier.names) or tier.code


def _missing(one: Outgoing, currency: str) -> str:
    if "visits" not in one.variables:
        return ""
    missing = Standing(_number(one, "visits"), _number(one, "spend"))
    return lacks(missing, Match(str(one.variables["match"])), currency) if missing != Standing(0, 0) else ""


def _phone(number: str | None) -> str:
    return i18n.phone(number) if number else ""


def _day_of_month(value: int | str | None) -> str:
    """A day as it stands behind "by" and «до»: 12 May."""
    if value is None:
        return ""
    on = date.fromisoformat(str(value))
    return i18n.day_of_year(on.month, on.day, on.year)


def _client(one: Outgoing) -> ClientId:
    """Only what one of us wrote by hand goes to somebody who is no client, and is in nobody's words but theirs."""
    assert one.client is not None
    return one.client


def _number(one: Outgoing, name: str) -> int:
    return int(one.variables[name] or 0)


def _instant(one: Outgoing, name: str) -> datetime:
    return datetime.fromisoformat(str(one.variables[name]))
