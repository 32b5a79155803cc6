"""How values and names are written where they are told: a field's code, a date, what a thing is called.

What is a code or a shape of its own has an entry in `SHOWN`; how any other value is written follows from its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.audit.naming import Name
from console.domain.business.queries import day_of
from console.domain.clients.rules import Birthday, spaced_card
from console.domain.messages.rules import Reason
from console.routes._fields import phone
from console.routes._hours import day_words, days_words, week_words
from console.routes._ledger_words import SOURCES, TIER_EVENTS, UNITS, VERBS
from console.routes._message_words import MESSAGE_CHANNELS, MESSAGE_REASONS, MESSAGE_STATUSES, MESSAGES, NO_ANSWER, said
from console.routes._remedy_words import CAUSES, WAYS
from console.routes._remedy_words import STATUSES as REMEDY_STATUSES
from console.routes._ticket_words import ASIDE as MAIL_ASIDE
from console.routes._ticket_words import CHANNELS as TICKET_CHANNELS
from console.routes._ticket_words import MAIL_KINDS, PRIORITIES
from console.routes._ticket_words import MARKS as TICKET_MARKS
from console.routes._ticket_words import RATINGS as TICKET_RATINGS
from console.routes._ticket_words import SAID as TICKET_SAID
from console.routes._ticket_words import STATUSES as TICKET_STATUSES
from console.routes._ticket_words import WHYS as TICKET_WHYS
from console.routes._times import turn_words

PHONE = phone("phone")

SAID = {"import": "by_import", "correction": "by_undo"}
"""Ends of the keys of how a consent is known, where they are not its code."""


def _reminder(days: int | None, minutes: int) -> str:
    """How long before a client is reminded: a day before at 10:00, 2 h before."""
    if days is None:
        return i18n.words("words.before_booking", {"long": i18n.duration(minutes)})
    return i18n.words("words.days_before_at", {"count": days, "time": i18n.clock(minutes)})


def _reason(reason: str) -> str | None:
    """Why a message did not go; of trouble nothing, of which the message's error says whether it left at all."""
    return None if reason == Reason.TROUBLE else i18n.lower_first(i18n.gettext(MESSAGE_REASONS[reason]))


def _rows(report: Mapping[str, Mapping[str, Any]]) -> str:
    """What became of the rows of all files of an import; nothing before it has ended."""
    counted = {name: sum(one[name] for one in report.values()) for name in ("read", "imported", "merged", "rejected")}
    return i18n.words("words.import_counted", counted) if report else ""


SHOWN: dict[str, Callable[[Any], str | None]] = {
    "booking.source": lambda source: i18n.gettext(f"words.came_by_{source}"),
    "booking.status": lambda status: i18n.gettext(f"words.status_{status}"),
    "business.currency": i18n.currency_name,
    "business.email": i18n.email,
    "business.language": lambda code: i18n.NAMES[code],
    "business.phone": i18n.phone,
    "business.languages": lambda codes: i18n.listing([i18n.NAMES[code] for code in codes]),
    "client_card.number": spaced_card,
    "client_consent.channel": lambda channel: i18n.gettext(f"words.channel_{channel}"),
    "client_consent.purpose": lambda purpose: i18n.gettext(f"words.purpose_{purpose}"),
    "client_consent.source": lambda source: i18n.gettext(f"words.said_{SAID.get(source, source)}"),
    "client_contact.email": i18n.email,
    "client_contact.phone": PHONE.show,
    "client_profile.birthday": lambda plain: birthday_words(Birthday.read(plain)),
    "client_profile.emails": lambda emails: "\n".join(
        labelled(i18n.email(one["address"]), one["label"]) for one in emails
    ),
    "client_profile.channel": lambda channel: i18n.gettext(MESSAGE_CHANNELS[channel]),
    "client_profile.language": lambda code: i18n.NAMES[code],
    "client_profile.phones": lambda phones: "\n".join(
        labelled(PHONE.show(one["number"]), one["label"]) for one in phones
    ),
    "client_profile.source": lambda source: i18n.gettext(f"words.source_{source}"),
    "client_profile.zone": i18n.zone_name,
    "fee.bp": i18n.percent,
    "fee.cause": lambda cause: i18n.gettext(f"words.fee_{cause}"),
    "fee_rule.bp": i18n.percent,
    "fee_rule.cause": lambda cause: i18n.gettext(f"words.fee_{cause}"),
    "fixed_card.bp": i18n.percent,
    "holiday.hours": lambda day: day_words(day_of(day)),
    "import_run.report": _rows,
    "location.hours": lambda week: ", ".join(week_words(tuple(map(day_of, week)))),
    "location.phone": i18n.phone,
    "location.zone": i18n.zone_name,
    "loyalty_entry.snapshot": lambda judged_by: rules_words(judged_by),
    "loyalty_entry.source": lambda source: source_words(source),
    "loyalty_entry.unit": lambda unit: i18n.gettext(UNITS[unit]),
    "loyalty_entry.verb": lambda verb: i18n.gettext(VERBS[verb]),
    "programme_version.rules": lambda rules: None,
    "message.channel": lambda channel: i18n.gettext(MESSAGE_CHANNELS[channel]),
    "message_choice.off": lambda kinds: i18n.listing([i18n.lower_first(i18n.gettext(MESSAGES[one])) for one in kinds]),
    "message_choice.quiet_from": i18n.clock,
    "message_choice.quiet_until": i18n.clock,
    "message_choice.reminders": lambda rows: i18n.listing([_reminder(*one) for one in rows]),
    "message.error": lambda noted: said(noted) or i18n.lower_first(i18n.gettext(NO_ANSWER)),
    "message.kind": lambda kind: i18n.lower_first(i18n.gettext(MESSAGES[kind])),
    "message_text.kind": lambda kind: i18n.lower_first(i18n.gettext(MESSAGES[kind])),
    "message_text.language": lambda code: i18n.NAMES[code],
    "message.reason": _reason,
    "message.status": lambda status: i18n.lower_first(i18n.gettext(MESSAGE_STATUSES[status])),
    "schedule.hours": lambda week: ", ".join(week_words(tuple(map(day_of, week)))),
    "series.minute": i18n.clock,
    "series.on_holiday": lambda what: i18n.lower_first(i18n.gettext(f"words.holiday_{what}")),
    "series.source": lambda source: i18n.gettext(f"words.came_by_{source}"),
    "series.unit": lambda unit: i18n.gettext(f"words.unit_{unit}"),
    "series.weekdays": lambda days: weekdays(days),
    "service.buffer_after": i18n.duration,
    "service.buffer_before": i18n.duration,
    "service.minutes": i18n.duration,
    "skill.minutes": i18n.duration,
    "staff.email": i18n.email,
    "staff.language": lambda code: i18n.NAMES[code],
    "staff.role": lambda role: i18n.gettext(f"role.{role}"),
    "status_change.status": lambda status: i18n.gettext(f"words.status_{status}"),
    "ticket.channel": lambda channel: i18n.gettext(TICKET_CHANNELS[channel]),
    "ticket.first_reply_mark": lambda mark: i18n.gettext(TICKET_MARKS[mark]),
    "ticket.number": str,
    "ticket.priority": lambda priority: i18n.gettext(PRIORITIES[priority]),
    "ticket.resolution_mark": lambda mark: i18n.gettext(TICKET_MARKS[mark]),
    "ticket.status": lambda status: i18n.gettext(TICKET_STATUSES[status]),
    "ticket_entry.channel": lambda channel: i18n.gettext(TICKET_CHANNELS[channel]),
    "ticket_rating.rating": lambda rating: i18n.gettext(TICKET_RATINGS[rating]),
    "ticket_entry.kind": lambda kind: i18n.gettext(TICKET_SAID[kind]),
    "ticket_mail.aside": lambda why: i18n.gettext(MAIL_ASIDE[why]),
    "ticket_mail.kind": lambda kind: i18n.gettext(MAIL_KINDS[kind]),
    "ticket_mail.left_out": lambda files: ", ".join(one["name"] for one in files),
    "ticket_remedy.cause": lambda cause: i18n.gettext(CAUSES[cause]),
    "ticket_remedy.gives": lambda gives: i18n.gettext(WAYS[gives]),
    "ticket_remedy.status": lambda status: i18n.lower_first(i18n.gettext(REMEDY_STATUSES[status][0])),
    "ticket_status.status": lambda status: i18n.gettext(TICKET_STATUSES[status]),
    "ticket_status.why": lambda why: i18n.gettext(TICKET_WHYS[why]),
    "ticket_limit.role": lambda role: i18n.gettext(f"role.{role}"),
    "ticket_target.first_reply": i18n.duration,
    "ticket_target.priority": lambda priority: i18n.gettext(PRIORITIES[priority]),
    "ticket_target.resolution": i18n.duration,
    "ticket_target.warn": i18n.duration,
    "ticket_view.filter": lambda narrowed: None,
    "tier_entry.event": lambda event: i18n.gettext(TIER_EVENTS[event]),
    "tier_entry.source": lambda source: source_words(source),
    "tier_entry.snapshot": lambda judged_by: rules_words(judged_by),
    "time_off.from_minute": i18n.clock,
    "time_off.kind": lambda kind: i18n.gettext(f"words.off_{kind}"),
    "time_off.to_minute": i18n.clock,
}
"""How values are written that are codes or have a shape of their own, by `entity.column`; None where they are not."""

NONE: dict[str, str] = {
    "client_profile.channel": "words.any_channel",
    "client_profile.language": "words.as_business",
    "client_profile.preferred": "words.anybody",
    "client_profile.zone": "words.as_business",
    "fixed_card.categories": "words.every_service",
    "holiday.location": "words.everywhere",
    "schedule.hours": "words.as_location",
    "ticket.assignee": "words.ticket_of_nobody",
    "ticket_limit.minor": "words.no_limit",
    "ticket_limit.stamps": "words.no_limit",
    "ticket_limit.tiers": "words.no_limit",
    "ticket.client": "words.ticket_of_no_client",
    "staff.language": "words.as_business",
}
"""Keys of the words for no value where that means something."""


def source_words(source: str) -> str:
    """What posted something to a ledger."""
    what, _, _ = source.partition(":")
    return i18n.gettext(SOURCES[what])


def rules_words(judged_by: Mapping[str, Any]) -> str:
    """By which version of the programme's rules something was judged."""
    return i18n.words("words.rules_of_version", {"number": judged_by["version"]})


def birthday_words(birthday: Birthday) -> str:
    """12 May, or 12 May 1990."""
    return i18n.day_of_year(birthday.month, birthday.day, birthday.year)


def named_words(name: Name, *, quoted: bool = True) -> str:
    """A name as a sentence has it: «Юг», «Новый год», 1 января, Anna Petrova; as a value by itself not `quoted`."""
    if name.key:
        return i18n.gettext(name.key)
    called = name.text if isinstance(name.text, str) else in_language(name.text)
    text = called if name.person or not quoted else i18n.words("words.quoted", {"name": called})
    if name.on and name.time is not None:
        return ", ".join(
            filter(None, (text, f"{day_and_date(name.on)} {turn_words(i18n.clock(name.time), name.turn)}", name.who))
        )
    on = _days_of(name) or called
    return text if on.casefold() == called.casefold() else f"{text}, {on}"


def _days_of(name: Name) -> str | None:
    """The date of a name, or the first and last of its days."""
    if name.on is None:
        return None
    return between(name.on, name.last) if name.last else date_words(name.on)


def between(first: date, last: date) -> str:
    """The first and last of days in a row, with their year where that is not this one."""
    return days_words(first, last) if last.year == clock.now().year else f"{days_words(first, last)} {last.year}"


def day_and_date(on: date) -> str:
    """A date with its weekday, short: Thu 26 November; with its year where that is not this one."""
    pattern = "EEE d MMMM" if on.year == clock.now().year else "EEE d MMM y"
    return i18n.dated(on, pattern)


def date_words(on: date) -> str:
    """A date without its weekday, with its year where that is not this one."""
    return days_words(on, on) if on.year == clock.now().year else i18n.short_day(on)


def in_language(texts: Mapping[str, str]) -> str:
    return i18n.spoken(texts) or "…"


def differing(former: Any, new: Any) -> tuple[Any, Any]:
    """Two values as they are told: of names by language, of which the reader's stayed, those that did not."""
    if not (isinstance(former, Mapping) and isinstance(new, Mapping)):
        return former, new
    changed = [language for language in i18n.LANGUAGES if former.get(language) != new.get(language)]
    if i18n.current() in changed or not changed:
        return former, new
    was, now = ([one[language] for language in changed if one.get(language)] for one in (former, new))
    return was, now


def weekdays(days: Sequence[int]) -> str:
    """Days of a week, 0 for Monday, as a sentence has them: Monday and Friday, понедельник и пятница."""
    names = [i18n.weekdays()[day] for day in days]
    return i18n.listing(list(map(i18n.lower_first, names)) if i18n.current() == "ru" else names)


def labelled(value: str, label: str) -> str:
    return f"{value} ({label})" if label else value


def with_money(params: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a text, of which `minor` of a `currency` are told as `money`."""
    if "minor" not in params or "currency" not in params:
        return dict(params)
    others = {name: value for name, value in params.items() if name not in ("minor", "currency")}
    return {**others, "money": i18n.money(params["minor"], params["currency"])}
