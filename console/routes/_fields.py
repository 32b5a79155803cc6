"""The fields that forms are made of: what may be typed, and the value that it stands for.

A field reads one text; what it cannot use it refuses with a `Problem`. Every limit is in characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from console import i18n
from console.domain.errors import Problem
from console.domain.ids import BIGINT_MAX
from console.domain.secret import Secret

EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?:[^@\s.\"(),:;<>\[\]\\]+\.)+[^@\s.\"(),:;<>\[\]\\]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]")
"""What no text may hold: controls, what turns the direction of what follows, and characters that were lost."""
HIDDEN = re.compile(r"[\xad\u200b\u2061-\u2064\ufeff\U000e0000-\U000e007f]")
"""What shows nothing and makes two names of one; a longer text may hold it."""
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters by their category that show nothing."""


LONGEST_EMAIL = 254
SPARE = 4000
"""Characters beyond its limit that a text may have before it is put in order, which takes a square of their number."""


class Bad(Exception):
    """A text that a field cannot use."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.problem = Problem(key, params)


def as_id(typed: str) -> int | None:
    """What a text names by its id; None for what cannot be one."""
    is_one = typed.isascii() and typed.isdigit() and len(typed) < 20 and int(typed) <= BIGINT_MAX
    return int(typed) if is_one else None


Reader = Callable[[str], Any]
Choices = Callable[[], Sequence[tuple[str, str]]]
"""Value and label of each option, labels in the current language."""


@dataclass(frozen=True)
class Row:
    """Where a field stands that is repeated: in which group (the key of its label), in which row, from 1 on.

    `labelled`: what stands in it says nothing without its label.
    """

    group: str
    number: int
    labelled: bool = False


@dataclass(frozen=True)
class Field:
    """One field of a form: how it is shown, how long it may be, how it is read and shown again."""

    name: str
    read: Reader
    kind: str = "text"
    required: bool = True
    limit: int = 200
    show: Callable[[Any], str] = str
    choices: Choices | None = None
    hints: Callable[[], Mapping[str, str]] | None = None
    """What single options mean, by their values, in the current language."""
    warned: Callable[[], Collection[str]] | None = None
    """The values of those whose hint speaks against them."""
    label: str = ""
    hint: str = ""
    autocomplete: str | None = None
    inputmode: str | None = None
    placeholder: str | None = None
    many: bool = False
    empty: Any = None
    secret: bool = False
    take: Callable[[bytes], Any] | None = None
    """How the content of a file is read, of a field that takes one."""
    params: dict[str, Any] = field(default_factory=dict)
    suggest: Callable[[], Sequence[str]] | None = None
    """What is often typed here, offered beside the field."""
    row: Row | None = None
    told: Callable[[Mapping[str, Sequence[str]]], str] | None = None
    """What it is called among other fields of its label, by the texts of the whole form."""

    def value(self, texts: Sequence[str]) -> Any:
        """The value of what was sent under this name. Raises `Bad`."""
        if self.many:
            given = [self._one(text) for text in dict.fromkeys(texts)]
            return [one for one in given if one != self.empty] or self._nothing()
        if len(texts) > 1:
            raise Bad("problem.repeated")
        text = texts[0] if texts else ""
        if self.kind == "checkbox":
            return bool(text)
        return self._one(text)

    def _one(self, raw: str) -> Any:
        bare = raw if self.secret else raw.strip()
        if len(bare) > self.limit + SPARE:
            raise Bad("problem.too_long", limit=self.limit, length=len(bare))
        text = bare if self.secret else _trimmed(unicodedata.normalize("NFC", bare).replace("\r\n", "\n"))
        if not text:
            return self._nothing()
        if len(text) > self.limit:
            raise Bad("problem.too_long", limit=self.limit, length=len(text))
        if CONTROL.search(text) or (self.kind != "textarea" and "\n" in text):
            raise Bad("problem.unreadable")
        if self.kind != "textarea" and HIDDEN.search(text):
            raise Bad("problem.invisible")
        return self.read(text)

    def _nothing(self) -> Any:
        if self.required:
            raise Bad("problem.choose" if self.choices else "problem.required")
        return self.empty


def _trimmed(typed: str) -> str:
    """What was typed without spaces and what shows nothing at either end; nothing where nothing can be seen."""
    if not any(_seen(letter) for letter in typed):
        return "" if not CONTROL.search(typed) else typed
    first = next(at for at, letter in enumerate(typed) if not _space(letter))
    last = next(at for at in range(len(typed), 0, -1) if not _space(typed[at - 1]))
    return typed[first:last]


def _seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "CMZ" and letter not in BLANK


def _space(letter: str) -> bool:
    return letter.isspace() or letter in BLANK or unicodedata.category(letter) == "Cf"


def text(name: str, **options: Any) -> Field:
    return Field(name, str, **options)


def area(name: str, **options: Any) -> Field:
    return Field(name, str, kind="textarea", limit=options.pop("limit", 2000), **options)


def words(name: str, **options: Any) -> Field:
    """A few words with commas between; those that are suggested are put in or taken out by a press."""
    return Field(name, str, kind="words", **options)


def email(name: str = "email", **options: Any) -> Field:
    """An address, in lower case; a letter may become two by that. Its domain is kept as mail knows it, in ASCII.

    Letters of another width or shape (ａ, ﬁ) are refused: they look like the usual ones, and no mail finds them.
    """

    def read(typed: str) -> str:
        lower = typed.lower()
        if len(lower) > LONGEST_EMAIL:
            raise Bad("problem.too_long", limit=LONGEST_EMAIL, length=len(lower))
        usual = unicodedata.normalize("NFKC", lower).lower()
        if usual != lower and EMAIL.fullmatch(usual):
            raise Bad("problem.email_letters", usual=i18n.email(_to_ascii(usual)))
        if not EMAIL.fullmatch(lower):
            raise Bad("problem.email")
        return _to_ascii(lower)

    return Field(name, read, kind="email", limit=LONGEST_EMAIL, show=i18n.email, **{"autocomplete": "off", **options})


def _to_ascii(address: str) -> str:
    person, _, domain = address.rpartition("@")
    try:
        return address if domain.isascii() else f"{person}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Bad("problem.email") from None


def phone(name: str, **options: Any) -> Field:
    """A phone number, as E.164; without a country code it is one of the business's country."""
    import phonenumbers

    def read(typed: str) -> str:
        try:
            number = phonenumbers.parse(_ABROAD.sub("+", typed), i18n.region())
        except phonenumbers.NumberParseException:
            raise Bad("problem.phone") from None
        if number.extension:
            raise Bad("problem.phone_extension", extension=number.extension)
        if not phonenumbers.is_valid_number(number):
            raise _unknown_number(number)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return Field(name, read, kind="tel", limit=40, show=i18n.phone, **options)


_ABROAD = re.compile(r"^(?:tel:)?[\s(]*0[\s\-]?0(?=[\s\-()]*[1-9])", re.IGNORECASE)
"""How a number of another country begins where it was not typed with a plus."""


def _unknown_number(number: Any) -> Bad:
    """Why there is no such number in its country, with one that there is."""
    import phonenumbers

    example = phonenumbers.example_number(phonenumbers.region_code_for_country_code(number.country_code))
    if example is None:
        return Bad("problem.phone")
    more = len(phonenumbers.national_significant_number(number)) - len(
        phonenumbers.national_significant_number(example)
    )
    key = "problem.phone_short" if more < 0 else "problem.phone_long" if more > 0 else "problem.phone_unknown"
    shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return Bad(key, example=shown)


def website(name: str, **options: Any) -> Field:
    """A web address; `https://` is added where no scheme was typed."""

    def read(typed: str) -> str:
        url = typed if "://" in typed else f"https://{typed}"
        if not re.fullmatch(r"https?://[^\s/?#@]+\.[^\s/?#@]+(?:[/?#]\S*)?", url, re.IGNORECASE):
            raise Bad("problem.website")
        return url

    return Field(name, read, kind="url", limit=200, **options)


def whole(name: str, low: int, high: int, **options: Any) -> Field:
    """A whole number within bounds."""

    def read(typed: str) -> int:
        digits = re.sub(r"[\s\u00a0\u202f]", "", typed).replace("\u2212", "-")
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
            raise Bad("problem.whole", low=low, high=high)
        number = int(digits)
        if not low <= number <= high:
            raise Bad("problem.range", low=low, high=high)
        return number

    return Field(name, read, kind="number", limit=40, inputmode="numeric", **options)


_IN_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")


def money(name: str, currency: str, **options: Any) -> Field:
    """An amount of 0 or more, in minor units of a currency: 1 500, 1500.50, 1 500,50; in English also 1,500.50.

    A comma before three digits stands for thousands where amounts have no three places: there it could be either.
    """
    places = get_currency_precision(currency)

    def read(typed: str) -> int:
        digits = re.sub(r"[\s\u00a0\u202f]", "", typed)
        if i18n.current() == "en" and _IN_THOUSANDS.fullmatch(digits):
            if places == len("000") and "." not in digits and digits.count(",") == 1:
                raise Bad("problem.money", example=i18n.plain_money(150050, currency))
            digits = digits.replace(",", "")
        digits = digits.replace(",", ".").replace("\u2212", "-")
        if re.fullmatch(r"-[0-9]+(?:\.[0-9]+)?", digits):
            raise Bad("problem.money_below_zero")
        if re.fullmatch(r"[0-9]{11,}(?:\.[0-9]+)?", digits):
            raise Bad("problem.money_too_much")
        if not re.fullmatch(rf"[0-9]{{1,10}}(?:\.[0-9]{{1,{places}}})?" if places else r"[0-9]{1,10}", digits):
            raise Bad("problem.money", example=i18n.plain_money(150050 if places else 1500, currency))
        return int(Decimal(digits).scaleb(places))

    def show(minor: int) -> str:
        return i18n.plain_money(minor, currency)

    params = {"currency": i18n.currency_sign(currency), **options.pop("params", {})}
    return Field(name, read, kind="number", limit=40, inputmode="decimal", show=show, params=params, **options)


def day(name: str, low: date = date(1900, 1, 1), high: date = date(2200, 1, 1), **options: Any) -> Field:
    """A date: 2026-05-12, or 12.05.2026."""

    def read(typed: str) -> date:
        found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", typed)
        turned = re.fullmatch(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})", typed)
        parts = found.groups() if found else turned.groups()[::-1] if turned else None
        try:
            value = date(*map(int, parts or ()))
        except (TypeError, ValueError):
            raise Bad("problem.date") from None
        if not low <= value <= high:
            raise Bad("problem.date_range", low=i18n.short_day(low), high=i18n.short_day(high))
        return value

    return Field(name, read, kind="date", limit=40, show=date.isoformat, **options)


def choice(name: str, choices: Choices, *, kind: str = "select", **options: Any) -> Field:
    """One of a list."""
    return Field(name, _among(choices), kind=kind, choices=choices, limit=200, **options)


def several(name: str, choices: Choices, **options: Any) -> Field:
    """Any number of a list, as ticks; repeated keys are how a browser sends them."""
    return Field(name, _among(choices), kind="checks", choices=choices, many=True, **options)


def _among(choices: Choices) -> Reader:
    def read(typed: str) -> str:
        if typed not in {value for value, _ in choices()}:
            raise Bad("problem.choice")
        return typed

    return read


def tick(name: str, **options: Any) -> Field:
    return Field(name, bool, kind="checkbox", required=False, empty=False, **options)


SECRETS: set[str] = set()
"""The names of all fields that hold a password, or what is as secret: never shown on another page, nor kept."""


def secret(name: str, **options: Any) -> Field:
    """A password on its way in: never shown again, never trimmed."""
    SECRETS.add(name)
    return Field(
        name,
        Secret,
        kind="password",
        limit=options.pop("limit", 1000),
        show=lambda _: "",
        secret=True,
        **options,
    )


def file(name: str, take: Callable[[bytes], Any], **options: Any) -> Field:
    """A file; its value is what `take` makes of the content, None where none was chosen and none has to be."""
    return Field(name, str, kind="file", required=options.pop("required", False), take=take, **options)


def hidden(name: str, read: Reader = str, *, unsaid: bool = False, **options: Any) -> Field:
    """What a form carries along; `unsaid` where it is as secret as a password: shown again in its own form alone."""
    if unsaid:
        SECRETS.add(name)
    return Field(name, read, kind="hidden", **options)
