"""What was just done, or why nothing was, told once on the page that comes next, with Undo where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any
from uuid import uuid4

from litestar import Request

from console import i18n
from console.domain.audit import queries as audit
from console.domain.ids import StaffId
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.undo import offered
from console.routes import _effects, _news, _trail
from console.routes._fields import as_id
from console.routes._session import SAFE, Cookies

TO_MOVE = "/bookings/to-move"
"""Where the bookings are listed that a changed plan has left behind."""
RECOVERED = "recovered"
"""What the cookie of what was just done says of signing in by a recovery code."""
ENTERED = "entered-"
"""What the cookie says of so many bookings of a day that were entered at once."""
FINISHED = "visit.finish"
TOLD = (
    "effect.cancelled_late",
    "effect.fee",
    "effect.fee_waived",
    "effect.fee_gone",
    "effect.fee_left",
    "effect.money_again",
    "effect.money_back",
    "effect.remedy_above_money",
    "effect.remedy_above_stamps",
    "effect.remedy_above_tiers",
    "effect.remedy_waits_still",
    "effect.ticket_replies_withdrawn",
)
"""What a look says of an operation, and is told once more when it is done; all that it says of a visit is."""
FORESEEN = "effect.remedy_waits"
"""Behind it a look says what is to happen once a second person approves it: of that, nothing is done yet."""


@dataclass
class Undo:
    url: str
    intent: str
    redo: bool = False


@dataclass(frozen=True)
class Press:
    """What may be done next by one press."""

    label: str
    url: str
    intent: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass
class Toast:
    """What was done; `refused`: why nothing was, which stays until it is closed.

    `url`: where to sign in again; `link`: where more of it is told; `press`: what may be done next; `told`: whether and
    how clients hear of it; `booking`: which one the agenda then shows.
    """

    text: str
    undo: Undo | None = None
    refused: bool = False
    url: str | None = None
    link: Link | None = None
    press: Press | None = None
    told: str = ""
    booking: int | None = None


async def toast_of(request: Request[Any, Any, Any]) -> Toast | None:
    """What the page that is asked for tells once: why nothing was done, or what was. A form shown again tells neither:
    what was done before it was sent is no answer to it.
    """
    state = request.scope["state"]
    refused: Toast | None = state.get("refused")
    if refused is not None:
        return refused
    if request.method not in SAFE:
        return None
    number = Cookies(request.app.state.settings).read(request, "done")
    if number == RECOVERED:
        return await _recovered(request.user.staff)
    if (count := as_id(number.removeprefix(ENTERED))) is not None and number.startswith(ENTERED):
        return Toast(i18n.words("words.entered", {"count": count}))
    if as_id(number) is None:
        return None
    if number == "0":
        return Toast(i18n.gettext("words.nothing_to_save"))
    said = await audit.said(int(number), request.user.staff)
    if said is None:
        return None
    said = replace(said, effects=list(takewhile(lambda one: one[0] != FORESEEN, said.effects)))
    undo = None
    if await offered([int(number)], request.user.actor):
        undo = Undo(f"/operations/{number}/undo", str(uuid4()), redo=said.deed.undos % 2 == 1)
    effects = [await _effects.words(key, params) for key, params in said.effects if key.startswith("done.")]
    asides = [await _effects.words(key, params) for key, params in said.effects if _is_told(key)]
    if said.deed.undos % 2 == 1 and said.deed.kind in _trail.STAYS:
        asides.append(i18n.gettext(_trail.STAYS[said.deed.kind]))
    url = _left_behind(said) if request.user.actor.may(Permission.BOOKING_READ) else None
    link = Link(i18n.gettext("Show it") if _left_one(said) else i18n.gettext("Show them"), url) if url else None
    link = link or _receipt(said)
    if not effects:
        effects = [(await _trail.words([said.deed], state["business"].zone)).toast(said.deed)]
        effects[0] = effects[0].rstrip(".") + "." if asides else effects[0]
    told = await _news.told(request, int(number), said.deed.kind)
    text = " ".join([*effects, *asides])
    return Toast(text, undo, link=link, press=_to_stamp(request, said), told=told, booking=_placed(said))


def _to_stamp(request: Request[Any, Any, Any], said: audit.Said) -> Press | None:
    """Giving another visit of the date the stamp that has just been given up."""
    visit = next((params["visit"] for key, params in said.effects if key == "effect.visit_other_unstamped"), None)
    if visit is None or not request.user.actor.may(Permission.VISIT_FINISH):
        return None
    return Press(i18n.gettext("Stamp it"), f"/visits/{visit}/stamp", str(uuid4()))


async def _recovered(staff: StaffId) -> Toast:
    """How many recovery codes are left to whoever has signed in by one, and where new ones are made."""
    left = await team.recovery_codes_left(staff)
    said = i18n.words("words.recovery_left", {"count": left}) if left else i18n.gettext("words.recovery_none_left")
    return Toast(said, link=Link(i18n.gettext("New recovery codes"), "/profile/two-step/codes"))


def _is_told(key: str) -> bool:
    of, _, what = key.partition(".")
    return of == "words" or key in TOLD or (of == "effect" and what.startswith(("visit_", "tickets_left_")))


def _receipt(said: audit.Said) -> Link | None:
    """The receipt of a visit that was just finished."""
    visit = next((number for entity, number in said.deed.about if entity == "visit"), None)
    if said.deed.kind != FINISHED or said.deed.undos % 2 == 1 or visit is None:
        return None
    return Link(i18n.gettext("Print the receipt"), f"/visits/{visit}/receipt")


PLACED = ("booking.book", "booking.bring_back", "booking.move")
"""Operations after which a booking stands somewhere else on the agenda than before, or now stands there."""


def _placed(said: audit.Said) -> int | None:
    """The booking that was just given its place."""
    if said.deed.kind not in PLACED or said.deed.undos % 2 == 1:
        return None
    return next((number for entity, number in said.deed.about if entity == "booking"), None)


LEFT = ("words.still_expected", "words.to_move")
"""What is said of bookings that an operation left behind."""


def _left_behind(said: audit.Said) -> str | None:
    """Where the bookings are that an operation left behind, of a client who does not come any more or of anybody."""
    keys = {key for key, _ in said.effects}
    if "words.still_expected" in keys:
        return next((f"/clients/{number}/bookings" for entity, number in said.deed.about if entity == "client"), None)
    return TO_MOVE if "words.to_move" in keys else None


def _left_one(said: audit.Said) -> bool:
    """Whether a single booking was left behind."""
    return all(params.get("count") == 1 for key, params in said.effects if key in LEFT)
