"""What the demo's business looks like, in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ZONE = "Europe/Moscow"
COUNTRY = "RU"
CURRENCY = "RUB"

CENTRE_HOURS = [*[[[540, 1200]]] * 5, [[600, 1080]], []]
NORTH_HOURS = [*[[[540, 780], [840, 1140]]] * 5, [], []]


@dataclass(frozen=True)
class Story:
    """The texts of the demo in one language."""

    business: dict[str, Any]
    locations: tuple[dict[str, Any], ...]


_PHONES = ("+74950000001", "+74950000002")
_WEB = {"phone": _PHONES[0], "email": "hello@clean-home.example", "website": "https://clean-home.example"}

STORIES = {
    "en": Story(
        {"name": "Clean Home", "address": "12 Tverskaya Street, Moscow", **_WEB},
        (
            {"name": "Centre", "address": "12 Tverskaya Street, Moscow", "phone": _PHONES[0], "hours": CENTRE_HOURS},
            {"name": "North", "address": "86 Dmitrovskoye Road, Moscow", "phone": _PHONES[1], "hours": NORTH_HOURS},
        ),
    ),
    "ru": Story(
        {"name": "Чистый дом", "address": "Москва, Тверская ул., 12", **_WEB},
        (
            {"name": "Центр", "address": "Москва, Тверская ул., 12", "phone": _PHONES[0], "hours": CENTRE_HOURS},
            {"name": "Север", "address": "Москва, Дмитровское ш., 86", "phone": _PHONES[1], "hours": NORTH_HOURS},
        ),
    ),
}
