"""Roles and permissions, who may manage whom, and what a password must be."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from console.domain.errors import Problem
from console.domain.text import fold


class Permission(StrEnum):
    """What somebody may do, in words that a manager would use: `resource:action`."""

    AUDIT_READ = "audit:read"
    BOOKING_CHANGE = "booking:change"
    BOOKING_OVERBOOK = "booking:overbook"
    BOOKING_READ = "booking:read"
    BUSINESS_CHANGE = "business:change"
    CATALOGUE_CHANGE = "catalogue:change"
    CATALOGUE_READ = "catalogue:read"
    CLIENT_CHANGE = "client:change"
    CLIENT_ERASE = "client:erase"
    CLIENT_EXPORT = "client:export"
    CLIENT_READ = "client:read"
    FEE_WAIVE = "fee:waive"
    FIXED_CARD_CHANGE = "fixed_card:change"
    HOLIDAY_CHANGE = "holiday:change"
    IMPORT_RUN = "import:run"
    LOCATION_CHANGE = "location:change"
    MAILBOX_READ = "mailbox:read"
    OPERATION_UNDO = "operation:undo"
    OVERVIEW_READ = "overview:read"
    PASSWORD_CHOOSE = "password:choose"
    PROFILE_CHANGE = "profile:change"
    PROGRAMME_CHANGE = "programme:change"
    PROGRAMME_READ = "programme:read"
    ROSTER_CHANGE = "roster:change"
    ROSTER_READ = "roster:read"
    STAFF_CHANGE = "staff:change"
    STAFF_READ = "staff:read"
    TICKET_APPROVE = "ticket:approve"
    TICKET_CHANGE = "ticket:change"
    TICKET_READ = "ticket:read"
    TICKET_REMEDY = "ticket:remedy"
    TICKET_SETTINGS = "ticket:settings"
    TILL_CLOSE = "till:close"
    TIME_OFF_CHANGE = "time_off:change"
    VISIT_BACKDATE = "visit:backdate"
    VISIT_FINISH = "visit:finish"
    VISIT_PRICE = "visit:price"
    VISIT_READ = "visit:read"
    VISIT_REFUND = "visit:refund"


class Role(StrEnum):
    """From the least to the most; a role holds every permission of those before it."""

    FRONT_DESK = "front_desk"
    SUPPORT = "support"
    MANAGER = "manager"
    OWNER = "owner"


_ADDED: dict[Role, frozenset[Permission]] = {
    Role.FRONT_DESK: frozenset(
        {
            Permission.BOOKING_CHANGE,
            Permission.BOOKING_READ,
            Permission.CATALOGUE_READ,
            Permission.CLIENT_CHANGE,
            Permission.CLIENT_READ,
            Permission.OPERATION_UNDO,
            Permission.OVERVIEW_READ,
            Permission.PASSWORD_CHOOSE,
            Permission.PROFILE_CHANGE,
            Permission.PROGRAMME_READ,
            Permission.ROSTER_READ,
            Permission.TICKET_CHANGE,
            Permission.TICKET_READ,
            Permission.TILL_CLOSE,
            Permission.TIME_OFF_CHANGE,
            Permission.VISIT_FINISH,
            Permission.VISIT_READ,
        }
    ),
    Role.SUPPORT: frozenset({Permission.TICKET_REMEDY}),
    Role.MANAGER: frozenset(
        {
            Permission.AUDIT_READ,
            Permission.BOOKING_OVERBOOK,
            Permission.BUSINESS_CHANGE,
            Permission.CATALOGUE_CHANGE,
            Permission.CLIENT_ERASE,
            Permission.CLIENT_EXPORT,
            Permission.FEE_WAIVE,
            Permission.FIXED_CARD_CHANGE,
            Permission.HOLIDAY_CHANGE,
            Permission.IMPORT_RUN,
            Permission.LOCATION_CHANGE,
            Permission.PROGRAMME_CHANGE,
            Permission.ROSTER_CHANGE,
            Permission.STAFF_CHANGE,
            Permission.STAFF_READ,
            Permission.TICKET_APPROVE,
            Permission.TICKET_SETTINGS,
            Permission.VISIT_BACKDATE,
            Permission.VISIT_PRICE,
            Permission.VISIT_REFUND,
        }
    ),
    Role.OWNER: frozenset({Permission.MAILBOX_READ}),
}


def _rank(role: Role) -> int:
    return list(Role).index(role)


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: frozenset[Permission]().union(*(_ADDED[lower] for lower in Role if _rank(lower) <= _rank(role)))
    for role in Role
}


def may_manage(actor: Role, other: Role) -> bool:
    """Whether somebody may invite, change or retire a colleague of that role: an owner anybody, others those below."""
    return actor is Role.OWNER or _rank(other) < _rank(actor)


SHARED_IDLE = timedelta(minutes=15)
"""How long a session at a shared desk may rest before it ends."""
OWN_IDLE = timedelta(hours=12)

MIN_PASSWORD = 10
MAX_PASSWORD = 200


def password_problem(password: str, about: tuple[str, ...]) -> Problem | None:
    """Why a password is refused, if it is: too short, too long, too common, or hardly more than a name or mail."""
    if len(password) < MIN_PASSWORD:
        return Problem("problem.password_short", {"least": MIN_PASSWORD})
    if len(password) > MAX_PASSWORD:
        return Problem("problem.too_long", {"limit": MAX_PASSWORD, "length": len(password)})
    folded = password.casefold()
    if len(set(folded)) < 4 or _guessable(folded):
        return Problem("problem.password_common")
    if any(len(part) > 3 and part.casefold() in folded and len(folded) - len(part) < 5 for part in about):
        return Problem("problem.password_personal")
    if _made_of(password, about):
        return Problem("problem.password_personal")
    return None


def _made_of(password: str, about: tuple[str, ...]) -> bool:
    """Whether it is hardly more than words of a name or mail, in any order and case, however they are parted."""
    left = _PARTED.sub("", fold(password))
    long = len(left)
    words = {word for part in about for word in _PARTED.split(fold(part)) if len(word) > 1}
    for word in sorted(words, key=lambda one: (-len(one), one)):
        left = left.replace(word, "")
    return long - len(left) > 3 and len(left) < 5


_PARTED = re.compile(r"[\W_]+")


def _guessable(folded: str) -> bool:
    """Whether it is on a short list, a walk over the keyboard, one part repeated, or a common word with some digits."""
    core = folded.strip("0123456789!@#$%^&*()-_=+.,? ")
    return (
        folded in _COMMON
        or core in _WORDS
        or _repeats(folded)
        or any(folded in walk or folded[::-1] in walk for walk in _WALKS)
    )


def _repeats(text: str) -> bool:
    """Whether it is one part of at most five characters over and over: abcdabcdabcd."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 6))


_WALKS = (
    "0123456789" * 3,
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "1й2ц3у4к5е6н7г8ш9щ0з",
)
_LISTED = """
    password passw0rd passwort admin administrator welcome letmein iloveyou qwerty monkey dragon football baseball
    sunshine princess superman batman master shadow secret computer internet samsung starwars whatever trustno1
    changeme default пароль парольпароль привет любовь наташа марина москва россия солнышко зенит спартак йцукен
    админ администратор qwertyuiop qwerty123qwerty loveyou ilovegod michael jennifer
"""
_WORDS = frozenset(_LISTED.split())

_COMMON = frozenset(
    {
        "1234567890",
        "0123456789",
        "qwertyuiop",
        "password12",
        "password123",
        "password1234",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "qwerty1234",
        "qwerty12345",
        "йцукенгшщз",
        "12345678910",
        "iloveyou12",
        "administrator",
    }
)
