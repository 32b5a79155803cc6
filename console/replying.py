"""A reply in a ticket as a mail: what one of us wrote, in the business's frame and in the client's language."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment

from console import i18n, threads
from console.composed import Attachment, Composed, Thread
from console.config import Settings
from console.domain.business import queries as business
from console.domain.ids import TicketEntryId
from console.domain.messages.rules import Outgoing
from console.domain.tickets import letters
from console.domain.tickets.letters import Earlier, Reply
from console.templating import environment

MOST_REFERENCES = 20
"""Mails of a long conversation that the latest ones are tied to; the first one always is."""


async def reply(outgoing: Outgoing, settings: Settings) -> Composed:
    """The mail that carries the entry of a reply, in the current language. Raises `NotFound`."""
    one = await letters.reply(TicketEntryId(int(outgoing.variables["entry"] or 0)))
    about = await business.details()
    words = (one.body or "").strip()
    context = {
        "letter": {"business": about.name},
        "number": one.number,
        "by": one.by,
        "phone": i18n.phone(about.phone) if about.phone else "",
        "language": i18n.current(),
    }
    text = _render("txt", body=words, **context)
    html = _render("html", paragraphs=[part.splitlines() for part in words.split("\n\n")], **context)
    files = tuple(Attachment(file.name, file.media_type, file.content) for file in one.files)
    return Composed(_subject(settings, one), f"{text.strip()}\n", html, "", files, _thread(settings, one, about.name))


def _subject(settings: Settings, one: Reply) -> str:
    subject = " ".join((one.subject or "").split())
    again = one.answers and not subject.casefold().startswith("re:")
    return threads.subject(settings, one.number, f"Re: {subject}" if again else subject)


def _thread(settings: Settings, one: Reply, business: str) -> Thread:
    before = [_id(settings, one, mail) for mail in one.before]
    references = [*before[:1], *before[1:][-MOST_REFERENCES:]]
    answered = [mail.message_id for mail in one.before if mail.message_id] or references
    by = ", ".join(" ".join(name.split()) for name in (one.by, business) if name)
    return Thread(one.number, by, answered[-1] if answered else None, references)


def _id(settings: Settings, one: Reply, mail: Earlier) -> str:
    return mail.message_id or threads.message_id(settings, mail.key or "", one.number)


def _render(part: str, **context: Any) -> str:
    return _templates().get_template(f"emails/reply.{part}").render(context)


@cache
def _templates() -> Environment:
    return environment()
