"""A field of a form: how it is shown, how long what is typed may be, and what value that stands for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from console import i18n
from console.domain.errors import Problem
from console.domain.ids import BIGINT_MAX
from console.routes._fields.typed import CONTROL, HIDDEN, trimmed

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
Texts = Mapping[str, Sequence[str]]
"""What was typed in a whole form, by the names of its fields."""
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
    told: Callable[[Texts], str] | None = None
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
        text = bare if self.secret else trimmed(unicodedata.normalize("NFC", bare).replace("\r\n", "\n"))
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


class Unread(Field):
    """Shown again with what was typed, which nobody asked for: it is not read, and nothing is wrong with it."""

    def value(self, texts: Sequence[str]) -> Any:
        return self.empty


def of(whose: str | Callable[[Texts], str], one: Field) -> Field:
    """A field that says what it is of, a key or words, where others have its label: Gold: discount, %."""

    def told(texts: Texts) -> str:
        said = i18n.upper_first(i18n.gettext(whose)) if isinstance(whose, str) else whose(texts)
        what = i18n.words(one.label or f"field.{one.name}", one.params | {"of": said})
        return i18n.words("words.what_of", {"of": said, "what": i18n.lower_first(what)})

    return replace(one, told=told)
