"""What is said of a client, as a form: for people and for businesses the same one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from console import i18n
from console.domain.clients import queries, rules
from console.domain.clients.actions import About
from console.domain.clients.queries import ClientView
from console.domain.clients.rules import LONGEST_NAME, Birthday, Email, Names, Phone, Preference, Source
from console.domain.ids import BookableId
from console.domain.roster.queries import bookables
from console.domain.roster.rules import BookableKind
from console.routes import _fields as f
from console.routes import _page
from console.routes._choices import spoken, zone_of, zones
from console.routes._client_card import SOURCES
from console.routes._fields import Bad
from console.routes._forms import Form
from console.routes._labels import EMAIL_LABELS, PHONE_LABELS, suggested
from console.routes._message_words import MESSAGE_CHANNELS
from console.routes._page import Req
from console.routes._repeated import Repeated, read_rows

LONGEST_LABEL = 40
LONGEST_GUESS = 60


def _label(key: str, keys: tuple[str, ...]) -> f.Field:
    return f.text("label", limit=LONGEST_LABEL, label=key, suggest=lambda: suggested(keys))


PHONES = Repeated(
    "phones",
    "field.phones",
    rules.MOST_REACHES,
    (f.phone("number", label="field.phone_nth"), _label("field.phone_label_nth", PHONE_LABELS)),
)
EMAILS = Repeated(
    "emails",
    "field.emails",
    rules.MOST_REACHES,
    (f.email("address", label="field.email_nth"), _label("field.email_label_nth", EMAIL_LABELS)),
)


def birthday(name: str, day: date, **options: Any) -> f.Field:
    """A birthday, its year optional: 12.05, 12 May, 12.05.1990, 1990-05-12. `day`: today's business date."""

    def read(typed: str) -> Birthday:
        found = rules.read_birthday(typed, i18n.month_numbers())
        problem = rules.birthday_problem(found, day) if found else None
        if found is None and rules.has_short_year(typed, i18n.month_numbers()):
            raise Bad("problem.birthday_short_year")
        if found is None or problem:
            raise Bad(problem.key if problem else "problem.birthday_unread", **(problem.params if problem else {}))
        return found

    def show(known: Birthday) -> str:
        return i18n.day_of_year(known.month, known.day, known.year).replace("\u00a0", " ")

    return f.Field(name, read, limit=40, show=show, **options)


def who_fields() -> tuple[f.Field, ...]:
    """What tells whether somebody is a client already; names in the order of the language."""
    given = f.text("given_name", limit=LONGEST_NAME, required=False, label="field.given_name")
    middle = f.text("middle_name", limit=LONGEST_NAME, required=False, label="field.middle_name")
    family = f.text("family_name", limit=LONGEST_NAME, required=False, label="field.family_name")
    return (
        *((family, given, middle) if i18n.current() == "ru" else (given, middle, family)),
        f.text("company", limit=120, required=False, label="field.company"),
        f.text("tax_number", limit=20, required=False, label="field.tax_number"),
        *PHONES.spec,
        *EMAILS.spec,
    )


async def fields(request: Req, known: ClientView | None = None) -> tuple[f.Field, ...]:
    """All fields; `known` is the client whose own choices are offered even where they are no more."""
    tags = await queries.tags_in_use()
    return (
        *who_fields(),
        birthday("birthday", _page.today(request), required=False, label="field.birthday", hint="hint.birthday"),
        f.area("address", limit=300, required=False, label="field.address"),
        _language(request, known.language if known else None),
        await _preferred(known.preferred if known else None),
        f.choice("channel", _channels, required=False, label="field.channel", hint="hint.channel"),
        f.choice("zone", lambda: _zones(known.zone if known else None), required=False, label="field.zone_client"),
        f.words("tags", limit=400, required=False, label="field.tags", hint="hint.tags", suggest=lambda: tags),
        f.choice("source", _sources, required=False, label="field.source"),
        f.day("joined_on", required=False, label="field.joined_on"),
    )


def _language(request: Req, known: str | None) -> f.Field:
    offered = spoken(request.scope["state"]["business"].languages, known)
    choices = [("", i18n.gettext("words.as_business")), *offered]
    return f.choice("language", lambda: choices, required=False, label="field.language_client")


def _sources() -> list[tuple[str, str]]:
    return [("", i18n.gettext("words.not_said")), *((one.value, i18n.gettext(key)) for one, key in SOURCES.items())]


def _channels() -> list[tuple[str, str]]:
    return [
        ("", i18n.gettext("words.any_channel")),
        *((one, i18n.gettext(MESSAGE_CHANNELS[one])) for one in Preference),
    ]


def _zones(known: str | None) -> list[tuple[str, str]]:
    """Every zone, the client's own also where nobody chooses it any more."""
    (_, *offered), there = zones(), known and i18n.zone_name(known)
    if known and there and known not in {zone for zone, _ in offered}:
        offered = [(known, there), *offered]
    return [("", i18n.gettext("words.as_business")), *offered]


async def _preferred(known: BookableId | None) -> f.Field:
    people = [one for one in await bookables(BookableKind.PERSON) if one.retired_at is None or one.id == known]
    choices = [("", i18n.gettext("words.anybody")), *((str(one.id), one.name) for one in people)]
    return f.choice("preferred", lambda: choices, required=False, label="field.preferred")


@dataclass(frozen=True)
class Who:
    """What tells whether somebody is a client already."""

    names: Names
    phones: tuple[Phone, ...]
    emails: tuple[Email, ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Who:
        """From the values of the form. Raises `Invalid`."""
        return cls._of(values, *read_rows(values, PHONES, EMAILS))

    @classmethod
    def so_far(cls, form: Form) -> Who:
        """As far as a form that is still being typed can be read."""
        values = form.usable()
        return cls._of(values, *(group.filled(values) for group in (PHONES, EMAILS)))

    @classmethod
    def _of(cls, values: Mapping[str, Any], phones: list[dict[str, Any]], emails: list[dict[str, Any]]) -> Who:
        called = (values.get(name) for name in ("given_name", "middle_name", "family_name", "company"))
        return cls(
            Names(*called),
            tuple(Phone(row["number"], row["label"] or "") for row in phones),
            tuple(Email(row["address"], row["label"] or "") for row in emails),
        )


def about(values: Mapping[str, Any]) -> About:
    """What is said, from the values of the form. Raises `Invalid`."""
    who = Who.read(values)
    return About(
        names=who.names,
        phones=who.phones,
        emails=who.emails,
        joined_on=values["joined_on"],
        tax_number=values["tax_number"],
        birthday=values["birthday"],
        address=values["address"],
        language=values["language"],
        preferred=BookableId(int(values["preferred"])) if values["preferred"] else None,
        tags=rules.tags(values["tags"] or ""),
        source=Source(values["source"]) if values["source"] else None,
        channel=Preference(values["channel"]) if values["channel"] else None,
        zone=zone_of(values["zone"]) if values["zone"] else None,
    )


def values(one: ClientView) -> dict[str, Any]:
    """The values of the form, of a client."""
    return {
        "given_name": one.names.given,
        "middle_name": one.names.middle,
        "family_name": one.names.family,
        "company": one.names.company,
        "tax_number": one.tax_number,
        **PHONES.values([{"number": phone.number, "label": phone.label} for phone in one.phones]),
        **EMAILS.values([{"address": email.address, "label": email.label} for email in one.emails]),
        "birthday": one.birthday,
        "address": one.address,
        "language": one.language or "",
        "preferred": one.preferred or "",
        "channel": one.channel or "",
        "zone": one.zone or "",
        "tags": ", ".join(one.tags),
        "source": one.source or "",
        "joined_on": one.joined_on,
    }


def guessed(typed: str) -> dict[str, Any]:
    """The values of the form that somebody's search may have meant: a phone, an email, or names in their order."""
    for name, one in (("phones_1_number", PHONES.fields[0]), ("emails_1_address", EMAILS.fields[0])):
        with suppress(Bad):
            return {name: one.value([typed])}
    given, family = called(typed)
    return {"given_name": given, "family_name": family}


def called(typed: str) -> tuple[str, str]:
    """Given and family name of what was typed in one, in the order of the language."""
    first, _, rest = typed[:LONGEST_GUESS].partition(" ")
    given, family = (rest, first) if i18n.current() == "ru" and rest else (first, rest)
    return given.strip(), family.strip()
