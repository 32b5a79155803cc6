"""Mails that came in, in words: how each came, who wrote, and what lies aside."""

from __future__ import annotations

from typing import Any

from console import i18n
from console.domain.team.trouble import Trouble
from console.domain.tickets import mail_queries, mailbox
from console.domain.tickets.mail_queries import Aside, MailView
from console.domain.tickets.mail_rules import MOST_AN_HOUR, MOST_OF_STRANGERS, LeftOut, MailKind
from console.domain.tickets.queries import TicketRow
from console.routes import _page
from console.routes._page import Req
from console.routes._ticket_words import ASIDE, LEFT_OUT, MAIL_KINDS, MAILBOX


def row(one: MailView) -> dict[str, Any]:
    """What is said of a mail beside its text; of one by a form nobody knows whether its address is the writer's."""
    form = one.kind is MailKind.FORM
    elsewhere = one.stranger and one.kind is not MailKind.BOUNCE
    return {
        "mark": "" if one.kind is MailKind.ORDINARY else i18n.upper_first(i18n.gettext(MAIL_KINDS[one.kind])),
        "stranger": elsewhere and not form,
        "address": i18n.email(one.sender) if one.sender and (elsewhere or form) else None,
        "quoted": one.quoted,
        "left_out": [_left_out(of) for of in one.left_out],
    }


def _left_out(one: LeftOut) -> str:
    """A file that was not taken, and why: “video.mp4 (larger than 10 MB)”."""
    why = i18n.words(LEFT_OUT[one.key], dict(one.params))
    return i18n.words("words.left_out", {"name": one.name, "why": why})


def who(one: MailView, client: str, *, known: bool) -> str:
    """Who wrote it: the client, unless it came from another address or nobody knows whose the ticket is."""
    written = one.sender_name or (i18n.email(one.sender) if one.sender else "")
    return client if known and not one.stranger else written or client


async def writer(one: TicketRow) -> dict[str, Any] | None:
    """Who wrote a ticket that is no client's, and whom it probably is."""
    found = None if one.client else await mail_queries.writer(one.id)
    if found is None:
        return None
    probable = next(iter(await mail_queries.probably(found)), None)
    return {
        "address": i18n.email(found.address),
        "name": found.name,
        "stranger": found.stranger,
        "version": one.version,
        "probably": {"id": probable.id, "name": probable.names.shown, "url": f"/clients/{probable.id}"}
        if probable
        else None,
    }


async def box(request: Req) -> dict[str, Any]:
    """How the mailbox is, and what was set aside."""
    zone, today = request.scope["state"]["business"].zone, _page.today(request)
    name = request.app.state.settings.mailbox
    stands = await mailbox.position(name) if name else None
    trouble = Trouble.read(stands.trouble) if stands and stands.trouble else None
    return {
        "name": name,
        "polled": i18n.lately(stands.polled_at, zone, today) if stands and stands.polled_at else None,
        "bounds": i18n.words("words.mail_bounds", {"most": MOST_AN_HOUR, "of_strangers": MOST_OF_STRANGERS}),
        "trouble": {"why": i18n.gettext(MAILBOX[trouble.cause]), "said": trouble.said} if trouble else None,
        "aside": [
            {
                "id": one.id,
                "why": i18n.gettext(ASIDE[one.why]),
                "subject": one.subject or _numbered(one),
                "sender": i18n.email(one.sender) if one.sender else None,
                "time": i18n.lately(one.at, zone, today),
            }
            for one in await mail_queries.aside()
        ],
    }


def _numbered(one: Aside) -> str | None:
    """What a mail is called of which nothing else is known."""
    known = one.sender or one.uid is None
    return None if known else i18n.gettext("Mail %(number)s of the mailbox") % {"number": one.uid}
