"""Bookings for a client's own calendar (RFC 5545, 5546): a file that puts one in, changes it, or takes it out again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

from console import i18n, links
from console.config import Settings
from console.domain.booking.rules import CALLED_OFF
from console.domain.booking.told_client import ToldClient

MEDIA_TYPE = "text/calendar"
PUBLISH, CANCEL = "PUBLISH", "CANCEL"


def method(told: ToldClient) -> str:
    """What a calendar is to do with the file, which a mail that carries it says of it, too."""
    return CANCEL if told.gone or told.booking.status in CALLED_OFF else PUBLISH


def invite(told: ToldClient, settings: Settings, at: datetime) -> bytes:
    """A booking as it stands at an instant, in the current language. Of two files of it a calendar keeps the later."""
    from icalendar import Calendar, Event, vCalAddress  # 0.1 s, and most processes never write one

    one = told.booking
    event = Event()
    event.add("uid", f"booking-{one.id}@{urlsplit(settings.public_url).hostname}")
    event.add("sequence", one.version)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", one.starts_at.astimezone(UTC))
    event.add("dtend", one.ends_at.astimezone(UTC))
    event.add("status", "CANCELLED" if method(told) == CANCEL else "CONFIRMED")
    event.add("summary", f"{services(told)}, {told.business}")
    event.add("location", where(told))
    organizer = vCalAddress(f"mailto:{parseaddr(settings.mail_from)[1]}")
    organizer.params["cn"] = told.business
    event.add("organizer", organizer)
    if method(told) == PUBLISH:
        link = links.url(settings, one.id, one.client)
        event.add("url", link)
        event.add("description", "\n".join(_lines(told, link)))
    calendar = Calendar()
    calendar.add("prodid", "-//Fifth Visit//fifth-visit//")
    calendar.add("version", "2.0")
    calendar.add("method", method(told))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


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
    return [i18n.words("words.answer_by_link", {"link": link}), *call]
