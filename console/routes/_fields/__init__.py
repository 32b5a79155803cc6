"""The fields that forms are made of: what may be typed, and the value that it stands for.

A field reads one text; what it cannot use it refuses with a `Problem`. Every limit is in characters.
"""

from console.routes._fields.choices import choice, several, tick
from console.routes._fields.days import day
from console.routes._fields.emails import LONGEST_EMAIL, email
from console.routes._fields.field import Bad, Field, Row, Texts, Unread, as_id, of
from console.routes._fields.files import file
from console.routes._fields.numbers import money, percent, whole
from console.routes._fields.phones import phone
from console.routes._fields.secrets import SECRETS, hidden, secret
from console.routes._fields.texts import area, text, website, words

__all__ = [
    "LONGEST_EMAIL",
    "SECRETS",
    "Bad",
    "Field",
    "Row",
    "Texts",
    "Unread",
    "area",
    "as_id",
    "choice",
    "day",
    "email",
    "file",
    "hidden",
    "money",
    "of",
    "percent",
    "phone",
    "secret",
    "several",
    "text",
    "tick",
    "website",
    "whole",
    "words",
]
