"""The programme: the version in force, what comes next, every version, and publishing the draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.errors import NotFound
from console.domain.ids import VersionId
from console.domain.loyalty import actions, queries
from console.domain.loyalty.queries import VersionView
from console.domain.policies import sheet
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.routes import _actors, _page, _programme_words
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, done, page
from console.routes._programme_form import DRAFT
from console.routes._programme_look import ground, sections
from console.routes._submit import Saved, press, submit

READ = needs(Permission.PROGRAMME_READ)
CHANGE = needs(Permission.PROGRAMME_CHANGE)
HOME = "/programme"
WITHOUT = ("examples",)
"""Parts of the rules that a page of a version leaves to its prints."""


@get(HOME, opt=READ)
async def programme(request: Req) -> Response[Any]:
    """The version in force in plain words, what comes next, the draft, and all versions with what they change."""
    day, about = _page.today(request), await ground(request)
    every = await queries.numbered()
    standing = [one for one in every if one.retired_at is None]
    now = in_force(standing, day)
    draft = await queries.draft()
    latest = standing[0].programme if standing else None
    return await page(
        request,
        "programme/page.html",
        i18n.gettext("title.programme"),
        now=now,
        since=since_words(now, day) if now else "",
        sections=await sections(now.programme, about, without=WITHOUT) if now else [],
        coming=[row for row in _rows(every, day, about) if row["state"] == "to_come"][::-1],
        draft=draft,
        draft_changes=_programme_words.changes(latest, draft.programme, about) if draft else [],
        latest=standing[0] if standing else None,
        versions=_rows(every, day, about),
        may_change=may_change(request),
    )


def may_change(request: Req) -> bool:
    return bool(request.user.actor.may(Permission.PROGRAMME_CHANGE))


def in_force(standing: Sequence[VersionView], day: date) -> VersionView | None:
    """Of versions by their dates, the latest first, the one that is in force on a business date."""
    return next((one for one in standing if one.effective_from and one.effective_from <= day), None)


def since_words(one: VersionView, day: date) -> str:
    """From when on a version is in force, or was to be before it was withdrawn, in words."""
    assert one.effective_from is not None
    if one.retired_at is not None:
        return i18n.words("words.in_force_never", {"date": i18n.short_day(one.effective_from)})
    key = "words.in_force_since" if one.effective_from <= day else "words.in_force_from"
    return i18n.words(key, {"date": i18n.short_day(one.effective_from)})


def _rows(every: Sequence[VersionView], day: date, about: sheet.Ground) -> list[dict[str, Any]]:
    """Versions as the list has them, each with what it changed of the one before it."""
    standing = [one for one in every if one.retired_at is None]
    now = in_force(standing, day)
    return [
        {
            "one": one,
            "url": url_of(one),
            "since": i18n.short_day(one.effective_from) if one.effective_from else "",
            "state": _state(one, now, day),
            "changes": _programme_words.changes(_before(standing, one), one.programme, about),
            "is_first": _before(standing, one) is None,
        }
        for one in every
    ]


def _state(one: VersionView, now: VersionView | None, day: date) -> str:
    if one.retired_at is not None:
        return "withdrawn"
    if one.effective_from and one.effective_from > day:
        return "to_come"
    return "now" if now is not None and one.id == now.id else "past"


def _before(standing: Sequence[VersionView], of: VersionView) -> Any:
    """The rules that a version takes the place of; None where it is the first. One that was withdrawn would have taken
    the place of one that was published before it."""
    day = of.effective_from or date.max
    earlier = (one for one in standing if of.retired_at is None or (one.number or 0) < (of.number or 0))
    return next((one.programme for one in earlier if one.effective_from and one.effective_from < day), None)


def url_of(one: VersionView) -> str:
    """Where a published version is."""
    return f"{HOME}/versions/{one.number}"


@get(f"{HOME}/versions/{{number:int}}", opt=READ)
async def version(request: Req, number: FromPath[int]) -> Response[Any]:
    """A published version as it is for good: its rules in words, and what it changed."""
    one, day, about = await queries.version(number), _page.today(request), await ground(request)
    [row] = [row for row in _rows(await queries.numbered(), day, about) if row["one"].number == number]
    return await page(
        request,
        "programme/version.html",
        i18n.words("title.programme_version", {"number": number}),
        row=row,
        since=i18n.upper_first(since_words(one, day)),
        published=await _published(request, one),
        sections=await sections(one.programme, about),
        may_change=may_change(request),
    )


async def _published(request: Req, one: VersionView) -> str:
    """Who published a version and when; of one that was withdrawn, who withdrew it."""
    by = await audit.by(one.operation)
    zone = request.scope["state"]["business"].zone
    who = _actors.actor_words(await team.names([by.actor]), by.actor)
    key = "words.withdrawn_by" if one.retired_at else "words.published_by"
    return i18n.words(key, {"name": who, "time": i18n.lately(by.at, zone, clock.business_date(clock.now(), zone))})


@post(f"{HOME}/drafts/{{draft:int}}/removal", opt=CHANGE)
async def removal(request: Req, draft: FromPath[int]) -> Response[Any]:
    """Drop the draft, as it was read."""
    read = (await Form.read(request, "button", ())).version or 0
    return await press(request, lambda intent: actions.drop_draft(intent, VersionId(draft), read), HOME)


def _publication_fields() -> tuple[f.Field, ...]:
    return (DRAFT, f.day("effective_from", label="field.effective_from", hint="hint.effective_from"))


async def _publication(request: Req, form: Form, status: int = 200) -> Response[Any]:
    """What would change, and from when on; without a draft there is nothing to publish."""
    draft = await queries.draft()
    if draft is None and status == 200:
        return done(request, HOME)
    day, about, standing = _page.today(request), await ground(request), await queries.published()
    on = form.usable().get("effective_from") or day
    former = in_force(standing, on - timedelta(1))
    return await page(
        request,
        "programme/publication.html",
        i18n.gettext("title.programme_publication"),
        status=status,
        form=form,
        draft=draft,
        former=former,
        changes=_programme_words.changes(former.programme if former else None, draft.programme, about) if draft else [],
        sections=await sections(draft.programme, about, without=WITHOUT) if draft else [],
        is_first=not standing,
        later=[
            {"number": one.number, "date": i18n.short_day(one.effective_from)}
            for one in standing
            if one.effective_from and one.effective_from > on
        ],
    )


@get(f"{HOME}/publication", opt=CHANGE)
async def publication(request: Req) -> Response[Any]:
    saved = await _to_publish(request)
    return await _publication(
        request, Form.blank(request, "publication", _publication_fields(), saved.values, saved.version)
    )


async def _to_publish(request: Req) -> Saved:
    draft, day = await queries.draft(), _page.today(request)
    if draft is None:
        return Saved({}, 0, 0)
    first = not await queries.published()
    values = {"draft": draft.id, "effective_from": day if first else day + timedelta(1)}
    return Saved(values, draft.version, draft.operation)


@post(f"{HOME}/publication", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def publish(request: Req) -> Response[Any]:
    async def act(intent: Any, values: dict[str, Any]) -> Any:
        if values["draft"] is None:
            raise NotFound
        return await actions.publish(intent, VersionId(values["draft"]), values["version"], values["effective_from"])

    return await submit(request, "publication", _publication_fields(), act=act, show=_publication, then=HOME)


ROUTES = [programme, version, removal, publication, publish]
