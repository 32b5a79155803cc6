"""Letters to staff that did not get through, as pages tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.ids import StaffId
from console.domain.team import mail
from console.domain.team.mail import HeldUp
from console.domain.team.rules import Permission
from console.domain.team.trouble import Cause, Trouble
from console.routes._page import Req

MOST_NAMES = 5
CAUSES = {
    Cause.LINK: "words.mail_link",
    Cause.ADDRESS: "words.mail_address",
    Cause.RECIPIENT: "words.mail_recipient",
    Cause.REFUSED: "words.mail_refused",
    Cause.LATER: "words.mail_later",
    Cause.LOGIN: "words.mail_login",
    Cause.NO_TLS: "words.mail_no_tls",
    Cause.AWAY: "words.mail_away",
    Cause.SILENT: "words.mail_silent",
    Cause.KILLED: "words.mail_killed",
    Cause.NOBODY: "words.mail_nobody",
    Cause.OURS: "words.mail_ours",
}
NEWS = {
    "password_changed": "words.news_password_changed",
    "two_step_on": "words.news_two_step_on",
    "two_step_off": "words.news_two_step_off",
    "address_changed": "words.news_address_changed",
}
"""Keys of the words for what a letter without a link says."""


async def held_up(request: Req) -> dict[str, Any] | None:
    """How many letters did not get through, by what holds them up; None where all did, and for who may do nothing."""
    if not request.user.actor.may(Permission.STAFF_CHANGE):
        return None
    letters = sorted(await mail.held_up(clock.now()), key=lambda one: list(Cause).index(one.trouble.cause))
    causes = [_cause(request, cause, list(of)) for cause, of in groupby(letters, key=lambda one: one.trouble.cause)]
    return {"count": len(letters), "causes": causes} if letters else None


def lead_nowhere(request: Req) -> bool:
    """Whether links in letters open for nobody else, and whoever asks is to know it: they send such letters."""
    return bool(request.app.state.settings.links_lead_nowhere) and request.user.actor.may(Permission.STAFF_CHANGE)


def _cause(request: Req, cause: Cause, letters: Sequence[HeldUp]) -> dict[str, Any]:
    zone = request.scope["state"]["business"].zone
    people = {one.staff: one.name for one in letters}
    since = i18n.lately(min(one.since for one in letters), zone, clock.business_date(clock.now(), zone))
    return {
        "why": i18n.gettext(CAUSES[cause]),
        "since": since,
        "people": list(people.items())[:MOST_NAMES],
        "more": max(0, len(people) - MOST_NAMES),
    }


async def notices(request: Req, staff: StaffId) -> list[dict[str, str]]:
    """The letters without a link to somebody that did not get through, in words."""
    found = [one for one in await mail.held_up(clock.now(), staff) if not one.brings_link]
    return [
        {
            "status": one.status,
            "news": i18n.gettext(NEWS[one.purpose]),
            **told(request, one.trouble, one.status, one.due_at),
        }
        for one in found
    ]


def told(request: Req, trouble: Trouble, status: str | None, due_at: datetime | None) -> dict[str, str]:
    """What holds up a letter, in words; when it is tried again, and what the mail server said."""
    again = status == "due" and trouble.cause is not Cause.NOBODY and due_at
    return {
        "why": i18n.gettext(CAUSES[trouble.cause]),
        "said": trouble.said,
        "again": i18n.moment(due_at, request.scope["state"]["business"].zone) if again and due_at else "",
    }
