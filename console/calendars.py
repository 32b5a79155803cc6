"""Bookings for a client's own calendar (RFC 5545, 5546): a file that puts one in, changes it, or takes it out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from console import i18n, links
from console.config import Settings
from console.domain.booking.rules import CALLED_OFF, Status
from console.domain.booking.told_client import ToldClient

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar"
PUBLISH, CANCEL = "PUBLISH", "CANCEL"


def is_off(told: ToldClient) -> bool:
    """Whether a booking does not take place."""
    return told.gone or told.booking.status in CALLED_OFF


def method(those: Sequence[ToldClient]) -> str:
    """What a calendar is to do with a file of bookings, which a mail that carries it says of it, too.

    Bookings are published, and not requested: a REQUEST is of one event alone and wants an answer, which calendars send
    to an address where nobody reads it; a client answers by the link. What is published once more with a higher
    sequence takes the place of what was (RFC 5546, 3.2.1). Where none of them takes place they are cancelled: in what
    is published some calendars, Google's among them, pass over such as are called off, and keep what they had.
    """
    return CANCEL if all(map(is_off, those)) else PUBLISH


def invite(those: Sequence[ToldClient], settings: Settings, at: datetime, *, is_trial: bool = False) -> bytes:
    """Bookings as they stand at an instant, in the current language. Of two files of one a calendar keeps the later.

    What cancels may name one event alone (RFC 5546, 3.2.5): several are cancelled by as many calendars, one after the
    other in one file (RFC 5545, 3.4). `is_trial`: their links are none.
    """
    said = method(those)
    events = [_event(told, settings, at, is_trial=is_trial) for told in those]
    if said == CANCEL:
        return b"".join(_calendar(said, [event]) for event in events)
    return _calendar(said, events)


def _calendar(said: str, events: Sequence[Event]) -> bytes:
    from icalendar import Calendar  # 0.1 s, and most processes never write one

    calendar = Calendar()
    calendar.add("prodid", "-//Fifth Visit//fifth-visit//")
    calendar.add("version", "2.0")
    calendar.add("method", said)
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(told: ToldClient, settings: Settings, at: datetime, *, is_trial: bool) -> Event:
    from icalendar import Event, vCalAddress

    one = told.booking
    event = Event()
    event.add("uid", f"booking-{one.id}@{urlsplit(settings.public_url).hostname}")
    event.add("sequence", one.version)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", one.starts_at.astimezone(UTC))
    event.add("dtend", one.ends_at.astimezone(UTC))
    event.add("status", _status(told))
    event.add("summary", f"{services(told)}, {told.business}")
    event.add("location", where(told))
    organizer = vCalAddress(f"mailto:{parseaddr(settings.mail_from)[1]}")
    organizer.params["cn"] = told.business
    event.add("organizer", organizer)
    if not is_off(told):
        link = links.url(settings, one.id, one.client)
        link = links.trial(link) if is_trial else link
        event.add("url", link)
        event.add("description", "\n".join(_lines(told, link)))
    return event


def _status(told: ToldClient) -> str:
    if is_off(told):
        return "CANCELLED"
    return "TENTATIVE" if to_confirm(told) else "CONFIRMED"


def to_confirm(told: ToldClient) -> bool:
    """Whether the client has not said yet that they come."""
    return told.booking.status is Status.BOOKED


def services(told: ToldClient) -> str:
    """What is done: Deep clean, Windows."""
    return ", ".join(i18n.spoken(item.names) for item in told.booking.items)


def where(told: ToldClient) -> str:
    """Where it is done. Of the client's own address no more than its name: a link and a file are passed on."""
    site = told.booking.site
    if site is None:
        return ", ".join(filter(None, (told.booking.location_name, told.address)))
    return i18n.words("words.at_your_site", {"site": site.name}) if site.name else i18n.gettext("words.at_your_place")


def _lines(told: ToldClient, link: str) -> list[str]:
    call = [i18n.words("words.call_us_at", {"phone": i18n.phone(told.phone)})] if told.phone else []
    answer = "words.answer_by_link" if to_confirm(told) else "words.cancel_by_link"
    return [i18n.words(answer, {"link": link}), *call]
