"""Messages to clients in words: a mail and an SMS, in the client's language."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment

from console import calendars, i18n, message_values, replying
from console.composed import Attachment, Button, Composed
from console.config import Settings
from console.domain import clock
from console.domain.business.queries import business
from console.domain.messages.own_texts import own_text
from console.domain.messages.rules import MessageKind, Outgoing
from console.domain.messages.texts import PARTS, Texts, as_sms, filled
from console.message_values import InWords, Values
from console.templating import environment


async def compose(outgoing: Outgoing, settings: Settings, texts: Texts | None = None) -> Composed:
    """A message in its language, of what it tells and as things are called now; `texts`: instead of those that hold."""
    facts = await business()
    i18n.use_default(facts.language)
    with i18n.speaking(outgoing.language):
        if outgoing.kind == MessageKind.TICKET_REPLY:
            return await replying.reply(outgoing, settings)
        said = await message_values.values(outgoing, settings)
        files = await _files(outgoing, settings)
        return _composed(outgoing.kind, texts or await texts_of(outgoing.kind), said, files)


async def texts_of(kind: MessageKind) -> Texts:
    """The texts that a kind of message has in the current language: those of the business, else ours."""
    own = await own_text(kind, i18n.current())
    return own.texts if own and own.holds else default_texts(kind)


def default_texts(kind: MessageKind) -> Texts:
    """The texts that a kind of message has in the current language while nobody wrote others."""
    return Texts(**{part: i18n.gettext(f"told.{kind}.{part}") for part in PARTS})


def _composed(kind: MessageKind, texts: Texts, said: InWords, files: tuple[Attachment, ...]) -> Composed:
    subject = i18n.upper_first(" ".join(filled(texts.subject, said.at_length).split()))
    text = filled(texts.text, said.at_length)
    button = _button(kind, said.at_length)
    html = _html(text, button, said.at_length)
    return Composed(subject, f"{text}\n", html, as_sms(filled(texts.sms, said.shortly)), files, button=button)


def _button(kind: MessageKind, values: Values) -> Button | None:
    if not (link := values.get("link")):
        return None
    word = _templates().get_template("emails/_link_word.html")
    asks = kind == MessageKind.TICKET_SATISFACTION
    return Button(link, word.render(asks=asks, several=bool(values.get("series"))).strip())


def _html(text: str, button: Button | None, values: Values) -> str:
    return (
        _templates()
        .get_template("emails/message.html")
        .render(
            letter={"business": values["business"]},
            paragraphs=[one.splitlines() for one in text.split("\n\n")],
            button=button,
            language=i18n.current(),
        )
    )


async def _files(outgoing: Outgoing, settings: Settings) -> tuple[Attachment, ...]:
    """The bookings for the client's own calendar."""
    if not outgoing.kind.startswith("booking."):
        return ()
    those = await message_values.told_of(outgoing)
    content = calendars.invite(those, settings, clock.now(), is_trial=outgoing.is_trial)
    return (Attachment("booking.ics", calendars.MEDIA_TYPE, content, {"method": calendars.method(those)}),)


@cache
def _templates() -> Environment:
    return environment()
