"""The draft tried on the visits of the last year: asked for, waited for, and what it would have changed."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.errors import NotFound, Problem
from console.domain.ids import VersionId
from console.domain.loyalty import queries
from console.domain.loyalty.queries import VersionView
from console.domain.policies import trials
from console.domain.policies.trials import TrialView
from console.routes import _page, _trial_words
from console.routes._page import Req, done, frame, page, rendered
from console.routes._submit import press
from console.routes.programme import CHANGE, HOME

TRIAL = f"{HOME}/trial"


async def _of(draft: VersionView) -> TrialView | None:
    """The trial of this draft, in whichever state it was then."""
    one = await trials.trial(clock.now())
    return one if one is not None and one.draft == draft.id else None


async def _state(request: Req, draft: VersionView) -> dict[str, Any]:
    """How far the trial is, and what came of it."""
    one = await _of(draft)
    if one is None:
        return {"trial": None, "draft": draft, "url": TRIAL}
    currency = request.scope["state"]["business"].currency
    return {
        "trial": one,
        "draft": draft,
        "url": TRIAL,
        "is_old": one.version != draft.version,
        "failed": i18n.problem(Problem(one.failed)) if one.failed else None,
        "stands": _trial_words.stands(one),
        "found": await _trial_words.found(one, one.found, currency) if one.found else None,
    }


@get(TRIAL, opt=CHANGE)
async def show(request: Req) -> Response[Any]:
    """What the draft would have changed; without a draft there is nothing to try."""
    draft = await queries.draft()
    if draft is None:
        return done(request, HOME)
    state = await _state(request, draft)
    one: TrialView | None = state["trial"]
    zone = request.scope["state"]["business"].zone
    since, until = (one.period.since, one.period.as_of) if one else (None, None)
    return await page(
        request,
        "programme/trial.html",
        i18n.gettext("title.programme_trial"),
        **state,
        since=i18n.short_day(since) if since else "",
        until=i18n.short_day(until) if until else "",
        tried=i18n.lately(one.at, zone, _page.today(request)) if one else "",
    )


@get(f"{TRIAL}/progress", opt={**CHANGE, "unattended": True})
async def progress(request: Req) -> Response[Any]:
    """The part of that page that changes while one waits."""
    draft = await queries.draft()
    if draft is None:
        raise NotFound
    return rendered("programme/_trial.html", frame(request, ""), await _state(request, draft), status=200)


@post(f"{HOME}/drafts/{{draft:int}}/trial", opt=CHANGE)
async def try_out(request: Req, draft: FromPath[int]) -> Response[Any]:
    """Have the draft tried as it is."""
    return await press(request, lambda intent: trials.try_out(intent, VersionId(draft)), TRIAL)


ROUTES = [show, progress, try_out]
