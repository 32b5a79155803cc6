"""Runs of an import: how far one is, what became of its rows, and taking all of it back once that was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.errors import DomainError, HasDependants, NotFound
from console.domain.ids import OperationId
from console.domain.imports import dependants, uploads, views
from console.domain.intent import Effect, Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.undo import undo
from console.routes import _effects, history
from console.routes import _imports as words
from console.routes._errors import words_of
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._look_first import EXPECTED, look_first, looked_at_first
from console.routes._page import Req, page
from console.routes._submit import Act, press

OPT = needs(Permission.IMPORT_RUN)
ONE = f"{words.RUNS}/{{run:int}}"
NAME = "undo"


@get(ONE, opt=OPT)
async def show(request: Req, run: FromPath[int]) -> Response[Any]:
    """How far a run is, and what became of it."""
    one = await views.run(run)
    of = await views.upload_of(run)
    job = await words.job_words(request, of.id) if of else None
    return await page(
        request,
        "imports/run.html",
        i18n.words("title.import_run", {"number": run}),
        row=(await words.run_rows(request, [one]))[0],
        url=words.run_url(run),
        job=job,
        barred=None if one.undone else await _barred(request, run),
        table=words.table(one.report) if not (job and job["result"]) else None,
        kept=i18n.lately(of.keep_until, *words.clock_of(request)) if of and one.finished else None,
    )


async def _barred(request: Req, run: int) -> str | None:
    """Why a run is not taken back; None where it is."""
    try:
        await dependants.look(run)
    except DomainError as refusal:
        return words_of(await _named(request, refusal))
    return None


async def _named(request: Req, refusal: DomainError) -> DomainError:
    """A refusal that names what is in the way in words."""
    if isinstance(refusal, HasDependants):
        refusal.params["operations"] = await history.in_the_way(request, refusal)
    return refusal


@get(f"{ONE}/progress", opt={**OPT, "unattended": True})
async def progress(request: Req, run: FromPath[int]) -> Response[Any]:
    """The part of that page that changes while one waits."""
    of = await views.upload_of(run)
    if of is None:
        raise NotFound
    return await words.progress(request, of.id, words.run_url(run))


@post(f"{ONE}/going-on", opt=OPT)
async def go_on(request: Req, run: FromPath[int]) -> Response[Any]:
    """Go on with a run that was given up."""
    return await press(request, lambda intent: uploads.go_on(intent, run), words.run_url(run))


def _act(request: Req, operation: int) -> Act:
    async def act(intent: Intent, _: dict[str, Any]) -> Outcome[Any]:
        try:
            return await undo(intent, OperationId(operation))
        except DomainError as refusal:
            raise await _named(request, refusal) from None

    return act


async def _standing(run: int) -> int:
    """The operation that began a run. Raises `NotFound` for one that is undone."""
    one = await views.run(run)
    if one.undone:
        raise NotFound
    return one.operation


@get(f"{ONE}/undoing", opt=OPT)
async def ask(request: Req, run: FromPath[int]) -> Response[Any]:
    """What taking all of it back would do, or why that cannot be."""
    return await looked_at_first(
        request,
        Form.blank(request, NAME, [EXPECTED]),
        act=_act(request, await _standing(run)),
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, run),
    )


async def _show(request: Req, form: Form, status: int, effects: Sequence[Effect] | None, run: int) -> Response[Any]:
    return await page(
        request,
        "imports/undo.html",
        i18n.words("title.import_undo", {"number": run}),
        status=status,
        form=form,
        url=words.run_url(run),
        look=await _effects.look(request, form, effects),
    )


@post(f"{ONE}/undoing", opt=OPT, request_max_body_size=FORM_LIMIT)
async def take_back(request: Req, run: FromPath[int]) -> Response[Any]:
    """Take all of it back, where that still does what was seen."""
    return await look_first(
        request,
        NAME,
        [EXPECTED],
        act=_act(request, (await views.run(run)).operation),
        show=lambda asked, form, status, effects: _show(asked, form, status, effects, run),
        then=words.run_url(run),
    )


ROUTES = [show, progress, go_on, ask, take_back]
