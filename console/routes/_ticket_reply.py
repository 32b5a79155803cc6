"""What is said next in a ticket: the form, what was typed before and not sent, and where a reply goes by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from console import i18n
from console.domain.clients.queries import ClientView
from console.domain.tickets import drafts
from console.domain.tickets.addresses import Address
from console.domain.tickets.queries import Conversation, TicketRow
from console.domain.tickets.rules import AFTER_A_REPLY, LONGEST_BODY, EntryKind, TicketStatus
from console.routes import _fields as f
from console.routes import _page
from console.routes import _tickets as words
from console.routes._forms import Form
from console.routes._page import Req

STAYS = ""


def fields(to: Sequence[Address] = (), now: TicketStatus = TicketStatus.OPEN) -> tuple[f.Field, ...]:
    """What is said, by whom, how and to which address, with which file, and where the ticket stands then.

    A reply leads to a status, a note to another one than it has `now` only where that is chosen.
    """
    kinds = [(one.value, words.kind_words(one)) for one in (EntryKind.OUT, EntryKind.IN, EntryKind.NOTE)]
    then = words.status_choices(AFTER_A_REPLY)
    stays = (STAYS, i18n.words("words.then_stays", {"status": words.status_words(now)["label"]}))
    return (
        f.choice("kind", lambda: kinds, kind="radio", label="field.said_kind"),
        f.area("body", limit=LONGEST_BODY, label="field.said_body"),
        f.choice("channel", words.channel_choices, label="field.ticket_channel"),
        _address(to),
        f.file("file", bytes),
        f.choice("status", lambda: then, required=False, label="field.ticket_then"),
        f.choice("note_status", lambda: [stays, *then], required=False, label="field.ticket_then"),
    )


def once_answered(one: TicketRow) -> str:
    """Where the ticket stands once what the client said is written down."""
    waited = one.status in (TicketStatus.PENDING, TicketStatus.SOLVED)
    return words.status_words(TicketStatus.OPEN if waited else one.status)["label"]


def _address(to: Sequence[Address]) -> f.Field:
    """A choice where there is one. Whether it is one is asked only of a reply by mail."""
    if len(to) < 2:
        return f.hidden("address", required=False, label="field.reply_to")
    of_client = any(one.known for one in to)
    options = [(one.address, _option(one, of_client)) for one in to]
    return replace(f.choice("address", lambda: options, required=False, label="field.reply_to"), read=str)


def _option(one: Address, of_client: bool) -> str:
    shown = i18n.email(one.address)
    return i18n.words("words.another_address", {"address": shown}) if of_client and not one.known else shown


async def form(request: Req, told: Conversation, to: Sequence[Address], back: Form | None) -> tuple[Form, str]:
    """The form with what was typed before and not sent, and that it was kept; or the one that came `back`.

    It offers the way by which one of us and the client spoke last.
    """
    one = told.ticket
    if back is not None:
        back.version = one.version
        return back, ""
    draft = await drafts.of(one.id, request.user.actor.id)
    values = {
        "kind": (draft.kind if draft else EntryKind.OUT).value,
        "body": draft.body if draft else "",
        "channel": next((said.channel for said in reversed(told.said) if said.channel), one.channel).value,
        "address": to[0].address if to else None,
        "status": AFTER_A_REPLY[0].value,
        "note_status": STAYS,
    }
    made = Form.blank(request, "reply", fields(to, one.status), values, one.version)
    made.was = ""
    return made, draft_words(request, draft.at) if draft else ""


def draft_words(request: Req, at: datetime) -> str:
    """That what was typed is kept, since when."""
    zone = request.scope["state"]["business"].zone
    return i18n.words("words.draft_kept", {"time": i18n.lately(at, zone, _page.today(request))})


def mailed_to(to: Sequence[Address], *, known: bool) -> dict[str, Any]:
    """Where a reply goes by mail where there is no choice, and why nowhere; `known`: the ticket has a client."""
    if to:
        return {"address": i18n.email(to[0].address) if len(to) == 1 else None, "nowhere": None}
    nobody = "words.reply_nowhere" if known else "problem.reply_to_nobody"
    return {"address": None, "nowhere": i18n.gettext(nobody)}


def written_to(address: str | None, them: ClientView | None, to: Sequence[Address]) -> str | None:
    """The address that a reply went to, but where that is the client's as everybody expects."""
    usual = them.emails[0].address if them and them.emails else None
    return i18n.email(address) if address and address != usual and address in {one.address for one in to} else None
