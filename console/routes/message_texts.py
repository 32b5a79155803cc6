"""Texts of messages to clients: which there are, writing one, and how it reads to a client."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n, messaging
from console.domain.errors import DomainError, Invalid, NotFound
from console.domain.ids import MessageTextId
from console.domain.messages import own_texts
from console.domain.messages.rules import AUTOMATIC, MessageKind
from console.domain.messages.texts import LONGEST, OFFERED, PARTS, Texts, problems
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _message_preview as preview
from console.routes import _message_trial
from console.routes._errors import status_of
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._message_words import MESSAGES
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit

LIST = "/settings/messages/texts"
OPT = needs(Permission.BUSINESS_CHANGE)
FIELDS = (
    f.text("subject", limit=LONGEST["subject"], label="field.message_subject"),
    f.of(
        "words.channel_email",
        f.area("text", limit=LONGEST["text"], label="field.message_text", hint="hint.message_text"),
    ),
    f.of("words.channel_sms", f.area("sms", limit=LONGEST["sms"], label="field.message_sms", hint="hint.message_sms")),
    preview.WHO,
    f.Unread(**vars(_message_trial.PHONE)),
)
BY_SMS = (*FIELDS[:-1], _message_trial.PHONE)
"""The same where it is sent to a phone, which is asked for then alone."""


def _url(kind: MessageKind, language: str) -> str:
    return f"{LIST}/{kind}/{language}"


def _known(request: Req, kind: str, language: str) -> MessageKind:
    """The kind that an address names. Raises `NotFound`, also for a language that the business does not speak."""
    if kind not in AUTOMATIC or language not in request.scope["state"]["business"].languages:
        raise NotFound
    return MessageKind(kind)


def _called(kind: MessageKind) -> str:
    return i18n.gettext(MESSAGES[kind])


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    """Every kind of message, and in which languages the business has its own text."""
    own = {(one.kind, one.language) for one in await own_texts.own_texts() if one.holds}
    languages = request.scope["state"]["business"].languages
    rows = [
        {
            "name": _called(kind),
            "languages": [
                {"url": _url(kind, one), "name": i18n.NAMES[one], "code": one, "own": (kind, one) in own}
                for one in languages
            ],
        }
        for kind in MESSAGES_IN_ORDER
    ]
    return await page(request, "messages/texts.html", i18n.gettext("title.message_texts"), rows=rows)


MESSAGES_IN_ORDER = sorted(AUTOMATIC, key=lambda kind: not kind.startswith("booking."))
"""Those of bookings first, which most of what is sent is."""


async def _saved(kind: MessageKind, language: str) -> Saved:
    own = await own_texts.own_text(kind, language)
    with i18n.speaking(language):
        texts = own.texts if own and own.holds else messaging.default_texts(kind)
    values = {part: getattr(texts, part) for part in PARTS}
    return Saved(values, own.version if own else 0, own.operation if own else 0, _called(kind))


async def _show(
    request: Req, kind: MessageKind, language: str, form: Form, status: int = 200, **more: Any
) -> Response[Any]:
    own = await own_texts.own_text(kind, language)
    return await page(
        request,
        "messages/text.html",
        i18n.words("title.message_text", {"kind": _called(kind), "language": i18n.NAMES[language]}),
        status=status,
        form=form,
        action=_url(kind, language),
        own=own if own and own.holds else None,
        may_mail=_message_trial.by_mail(request),
        may_sms=_message_trial.by_sms(request),
        offered=[(name, i18n.gettext(f"words.value_{name}")) for name in OFFERED[kind]],
        **{"preview": None, **more},
    )


@get(f"{LIST}/{{kind:str}}/{{language:str}}", opt=OPT)
async def show(request: Req, kind: FromPath[str], language: FromPath[str]) -> Response[Any]:
    known = _known(request, kind, language)
    saved = await _saved(known, language)
    return await _show(
        request, known, language, Form.blank(request, "message_text", FIELDS, saved.values, saved.version)
    )


@post(f"{LIST}/{{kind:str}}/{{language:str}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, kind: FromPath[str], language: FromPath[str]) -> Response[Any]:
    """Say it so from now on, or show how it would read."""
    known = _known(request, kind, language)
    if pressed := (await read_body(request)).first("find"):
        return await _look(request, known, language, pressed)
    return await submit(
        request,
        "message_text",
        FIELDS,
        act=lambda intent, v: own_texts.change(intent, known, language, v["version"], _texts(v)),
        show=lambda asked, form, status: _show(asked, known, language, form, status),
        then=LIST,
        saved=lambda _: _saved(known, language),
        fresh=_url(known, language),
    )


async def _look(request: Req, kind: MessageKind, language: str, pressed: str) -> Response[Any]:
    """How what is typed reads to a client, sent by `mail` or `sms` where that was pressed. Nothing is saved."""
    form = await Form.read(request, "message_text", BY_SMS if pressed == "sms" else FIELDS)
    key, form.intent = form.intent, str(uuid4())  # what is sent next is another message
    try:
        values = form.check()
        texts = _texts(values)
        if wrong := problems(kind, texts):
            raise Invalid(wrong)
        seen = await preview.preview(request, kind, language, texts, values["who"])
        if pressed == "mail":
            seen["sent_to"] = await _message_trial.mail(request, seen["message"], key)
        elif pressed == "sms":
            seen["sent_to"] = await _message_trial.sms(request, seen["message"], key, values[_message_trial.PHONE.name])
    except DomainError as error:
        form.note(error)
        return await _show(request, kind, language, form, status_of(error))
    return await _show(request, kind, language, form, preview=seen)


@post(f"{LIST}/{{text:int}}/reset", opt=OPT)
async def reset(request: Req, text: FromPath[int]) -> Response[Any]:
    """Say again what we suggest."""
    return await press(request, lambda intent: own_texts.reset(intent, MessageTextId(text)), LIST)


def _texts(values: dict[str, Any]) -> Texts:
    return Texts(**{part: values[part] for part in PARTS})


ROUTES = [listed, show, change, reset]
