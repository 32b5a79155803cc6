"""A client's link to how their ticket was solved: there they say what they think of it. Opening it says nothing yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from litestar import HttpMethod, Response, get, post, route
from litestar.params import FromPath

from console import i18n, links
from console.domain import clock
from console.domain.errors import Busy, DomainError, Throttled
from console.domain.intent import Intent
from console.domain.tickets import ratings
from console.domain.tickets.mail_rules import UNTITLED
from console.domain.tickets.ratings import Asked
from console.domain.tickets.rules import LONGEST_COMMENT, Rating
from console.routes import _fields as f
from console.routes import _tickets as words
from console.routes._errors import status_of
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import PUBLIC
from console.routes._links import BY_LINK, nothing, page_of_link, too_often, trial
from console.routes._page import Req, done
from console.routes._session import browser

ONE = "/satisfaction/{token:str}"
NO_FORM = {**PUBLIC, "takes_no_form": True}
WELL = {Rating.GOOD: "words.solved_well", Rating.BAD: "words.solved_badly"}
"""As the client says it."""


def _choices() -> list[tuple[str, str]]:
    return [(one.value, i18n.upper_first(i18n.gettext(key))) for one, key in WELL.items()]


FIELDS = (
    f.choice("rating", _choices, kind="radio", label="field.rating"),
    f.area("comment", limit=LONGEST_COMMENT, required=False, label="field.rating_comment"),
)
Show = Callable[[Asked], Awaitable[Response[Any]]]


@get(ONE, opt=BY_LINK)
async def show(request: Req, token: FromPath[str]) -> Response[Any]:
    return await _of_link(request, token, lambda asked: _show(request, asked))


async def _of_link(request: Req, token: str, show: Show, *, answers: bool = False) -> Response[Any]:
    """What a link shows, in its client's language; `answers`: it says something. Nothing for what is no link."""
    if links.is_trial(token):
        return trial(request)
    now = clock.now()
    proves = partial(links.is_for_solving, request.app.state.settings, token)
    try:
        asked = await ratings.opened(links.solving(token), proves, browser(request), now)
        if asked is not None and answers:
            await ratings.count_answer(asked.solving, now)
    except Throttled as often:
        return too_often(request, often)
    if asked is None:
        return nothing(request)
    i18n.use(asked.language or request.scope["state"]["business"].language)
    return await show(asked)


async def _show(request: Req, asked: Asked, form: Form | None = None, status: int = 200) -> Response[Any]:
    said = {"rating": asked.rating, "comment": asked.comment}
    rated = asked.rating and {"label": i18n.gettext(WELL[asked.rating]), "tone": words.RATING_TONES[asked.rating]}
    return page_of_link(
        request,
        "links/satisfaction.html",
        "title.satisfaction_thanks" if rated else "title.satisfaction",
        status,
        form=form or Form.blank(request, "satisfaction", FIELDS, said),
        url=links.satisfaction_path(request.app.state.settings, asked.solving, asked.client),
        ticket={"number": asked.number, "subject": asked.subject if asked.subject != UNTITLED else None},
        rated=rated,
        comment=asked.comment,
        may_answer=asked.may_answer(clock.now()),
    )


@post(ONE, opt=BY_LINK, request_max_body_size=FORM_LIMIT)
async def answer(request: Req, token: FromPath[str]) -> Response[Any]:
    """The client says what they think, or that they think otherwise by now."""
    form = await Form.read(request, "satisfaction", FIELDS)

    async def take(asked: Asked) -> Response[Any]:
        try:
            said = form.check()
            await ratings.rate(
                _intend(form, asked), asked.ticket, asked.solving, asked.client, Rating(said["rating"]), said["comment"]
            )
        except Busy:
            raise
        except DomainError as error:
            form.note(error)
            return await _show(request, asked, form, status_of(error))
        return done(request, links.satisfaction_path(request.app.state.settings, asked.solving, asked.client))

    return await _of_link(request, token, take, answers=True)


def _intend(form: Form, asked: Asked) -> Intent:
    """What a client means to say. All of them are one actor: the same form of another solving is another intent."""
    return Intent(uuid5(UUID(form.intent), f"solving:{asked.solving}"), ratings.CLIENT, clock.now())


@route(["/satisfaction", f"{ONE}/{{rest:path}}"], http_method=[HttpMethod.GET, HttpMethod.POST], opt=NO_FORM)
async def no_link(request: Req) -> Response[Any]:
    """A link that was broken on its way."""
    return nothing(request)


ROUTES = [show, answer, no_link]
