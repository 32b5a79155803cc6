"""Bringing in books of another programme: uploading files, saying how they are read, trying out, bringing in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid5

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from console import i18n, mappings
from console.domain import clock
from console.domain.errors import Invalid, Problem
from console.domain.imports import preparing, uploads, views
from console.domain.imports.actions import OtherCurrency
from console.domain.imports.rules.arriving import (
    LARGEST,
    LARGEST_TOGETHER,
    MOST_FILES,
    READ,
    Arrivals,
    Arrived,
    NotTaken,
    arrived,
)
from console.domain.imports.rules.mapping import Mapped
from console.domain.imports.rules.reading import parsed
from console.domain.imports.rules.writing import plain
from console.domain.imports.weighing import weigh
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _import_fields as fields
from console.routes import _imports as words
from console.routes._bodies import UPLOAD_LIMIT, read_body
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._import_looks import Prepared, likely, look_at_rules, look_through
from console.routes._listing import download
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit

OPT = needs(Permission.IMPORT_RUN)
TOGETHER = LARGEST_TOGETHER // 1024**2
OPT_OF_FILES = {**OPT, "too_large": Problem("problem.import_files_large", {"limit": TOGETHER})}
LIST = words.LIST
ONE = f"{LIST}/{{upload:int}}"
ACCEPT = ",".join([*READ, ".zip"])
FILES = f.file(
    "files",
    bytes,
    required=True,
    many=True,
    label="field.import_files",
    hint="hint.import_files",
    params={"most": MOST_FILES, "limit": LARGEST // 1024**2, "together": TOGETHER},
)


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    """What is prepared, and all runs."""
    return await page(
        request,
        "imports/list.html",
        i18n.gettext("title.imports"),
        prepared=await words.prepared_rows(request),
        runs=await words.run_rows(request),
    )


def _mappings() -> list[tuple[str, str]]:
    return [
        (preparing.OWN, i18n.gettext("words.import_mapping_own")),
        *((name, i18n.words("words.import_mapping_shipped", {"name": name})) for name in mappings.names()),
    ]


NEW = (FILES, f.choice("mapping", _mappings, kind="radio", label="field.import_mapping", hint="hint.import_mapping"))


@get(f"{LIST}/new", opt=OPT)
async def new(request: Req) -> Response[Any]:
    """The form that takes the files."""
    return await _new(request, Form.blank(request, "import", NEW, {"mapping": preparing.OWN}))


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    title, days = i18n.gettext("title.import_new"), uploads.KEPT.days
    return await page(request, "imports/new.html", title, status=status, form=form, accept=ACCEPT, days=days)


async def _sent(request: Req) -> Arrivals:
    """The files that were sent, out of their archives. Raises `Invalid` (`files`)."""
    files = [Arrived(name, content) for name, content in (await read_body(request)).uploads.get("files", ())]
    try:
        found = await asyncio.to_thread(arrived, files)
        await asyncio.to_thread(weigh, found.tables)
    except NotTaken as refused:
        raise Invalid({"files": refused.problem}) from None
    return found


async def _mapped(request: Req, name: str, files: Sequence[Arrived]) -> Mapped:
    """The mapping that was chosen; to be recognised, it is that of such files before, else one that ships."""
    about, place = await preparing.here(likely(request), i18n.region())
    if name != preparing.OWN:
        return parsed(mappings.text(name), unfinished=True, here=plain(about, place))
    shipped = [parsed(mappings.text(one), unfinished=True, here=plain(about, place)) for one in mappings.names()]
    known = await asyncio.to_thread(preparing.recognising, files, await preparing.before(), shipped)
    return known or preparing.beginning(about, place, i18n.gettext("words.import_visit"))


@post(LIST, opt=OPT_OF_FILES, request_max_body_size=UPLOAD_LIMIT)
async def upload(request: Req) -> Response[Any]:
    """Keep files, and show what they seem to hold."""

    async def act(intent: Intent, given: dict[str, Any]) -> Outcome[Any]:
        files = await _sent(request)
        mapped = await _mapped(request, given["mapping"], files.tables)
        chosen = given["mapping"] != preparing.OWN
        mapped = await asyncio.to_thread(preparing.with_files, mapped, files.tables, chosen=chosen)
        return await uploads.upload(intent, files, mapped)

    return await submit(request, "import", NEW, act=act, show=_new, then=lambda ids: f"{LIST}/{ids['import_upload']}")


@get(ONE, opt=OPT)
async def show(request: Req, upload: FromPath[int]) -> Response[Any]:
    """What the files hold, how they are read, and what came of trying it out."""
    one = await Prepared.of(upload)
    if one.view.run is not None:
        return Redirect(words.run_url(one.view.run), status_code=303)
    return await _show(request, one, Form.blank(request, "upload", one.spec, one.values, one.view.version))


async def _show(request: Req, one: Prepared, form: Form, status: int = 200) -> Response[Any]:
    url = f"{LIST}/{one.view.id}"
    return await page(
        request,
        "imports/upload.html",
        i18n.gettext("title.import_upload"),
        status=status,
        form=form,
        url=url,
        files=[
            words.file_card(file, seen, form, url, alone=len(one.looks) == 1)
            for file, seen in zip(one.view.files, one.looks, strict=True)
        ],
        many=len(one.view.files) < MOST_FILES,
        kept=i18n.lately(one.view.keep_until, *words.clock_of(request)),
        job=await words.job_words(request, one.view.id),
        known=await words.known_words(request, one.mapped.source, one.looks),
        aside=i18n.listing(list(one.view.aside)),
    )


@post(ONE, opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, upload: FromPath[int]) -> Response[Any]:
    """Say how the files are read, and what is to follow; or go on with that to the next step."""
    one = await Prepared.of(upload)
    if one.view.run is not None:
        return Redirect(words.run_url(one.view.run), status_code=303)
    step = (await read_body(request)).first("step")

    async def act(intent: Intent, given: dict[str, Any]) -> Outcome[Any]:
        said = fields.wanted(one.view, one.mapped, one.looks, given, one.offered)
        if step in NEXT:
            await asyncio.to_thread(look_through, one, said.mapped)
            await look_at_rules(one, said)
        changed = await uploads.change(intent, upload, given["version"], said)
        if step in NEXT:
            following = Intent(uuid5(intent.id, step), intent.actor, intent.now)
            try:
                return await NEXT[step](following, upload)
            except OtherCurrency as other:
                raise Invalid({"currency": other.problem}) from None
        return changed

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        now = await Prepared.of(upload)
        if now.view.version != form.version:
            stands = Form.blank(asked, "upload", now.spec, now.values, now.view.version)
            form.intent, form.version, form.was = stands.intent, stands.version, stands.was
        return await _show(asked, now, form, status)

    return await submit(
        request,
        "upload",
        one.spec,
        act=act,
        show=again,
        then=lambda ids: words.run_url(ids["import_run"]) if "import_run" in ids else f"{LIST}/{upload}",
        saved=lambda _: _saved(upload),
        fresh=f"{LIST}/{upload}",
    )


NEXT: Mapping[str, Callable[[Intent, int], Awaitable[Outcome[Any]]]] = {
    "trial": uploads.try_out,
    "run": uploads.bring_in,
}
"""What follows a form by the button that it was sent by."""


async def _saved(upload: int) -> Saved:
    one = await Prepared.of(upload)
    return Saved(one.values, one.view.version, await views.operation_of(upload))


@get(f"{ONE}/progress", opt={**OPT, "unattended": True})
async def progress(request: Req, upload: FromPath[int]) -> Response[Any]:
    """The part of that page that changes while one waits."""
    return await words.progress(request, upload, f"{LIST}/{upload}")


@get(f"{ONE}/mapping", opt=OPT)
async def mapping(upload: FromPath[int]) -> Response[bytes]:
    """The mapping as it stands, as the command takes it."""
    one = await views.upload(upload)
    return download(one.mapping.encode(), "application/toml", f"{parsed(one.mapping, unfinished=True).source}.toml")


@get(f"{ONE}/files/new", opt=OPT)
async def more(request: Req, upload: FromPath[int]) -> Response[Any]:
    """The form that takes more files."""
    return await _more(request, upload, Form.blank(request, "import", (FILES,)))


async def _more(request: Req, upload: int, form: Form, status: int = 200) -> Response[Any]:
    await views.upload(upload)
    title, url = i18n.gettext("title.import_more"), f"{LIST}/{upload}"
    return await page(request, "imports/more.html", title, status=status, form=form, accept=ACCEPT, url=url)


@post(f"{ONE}/files", opt=OPT_OF_FILES, request_max_body_size=UPLOAD_LIMIT)
async def add_files(request: Req, upload: FromPath[int]) -> Response[Any]:
    """Keep more files."""

    async def act(intent: Intent, _: dict[str, Any]) -> Outcome[Any]:
        files = await _sent(request)
        stands = await views.upload(upload)
        mapped = await asyncio.to_thread(preparing.with_files, parsed(stands.mapping, unfinished=True), files.tables)
        return await uploads.add_files(intent, upload, stands.version, files, mapped)

    return await submit(
        request,
        "import",
        (FILES,),
        act=act,
        show=lambda asked, form, status: _more(asked, upload, form, status),
        then=f"{LIST}/{upload}",
    )


@post(f"{ONE}/files/{{file:int}}/removal", opt=OPT)
async def remove_file(request: Req, upload: FromPath[int], file: FromPath[int]) -> Response[Any]:
    """Take a file out."""
    return await press(request, lambda intent: uploads.remove_file(intent, upload, file), f"{LIST}/{upload}")


@post(f"{ONE}/removal", opt=OPT)
async def discard(request: Req, upload: FromPath[int]) -> Response[Any]:
    """Forget files that are not brought in."""
    return await press(request, lambda intent: uploads.discard(intent, upload), LIST)


@get(f"{ONE}/rejected/{{file:int}}", opt=OPT)
async def rejected(upload: FromPath[int], file: FromPath[int]) -> Response[bytes]:
    """The rows of a file that are not taken in, as a file, with why in a last column."""
    return await words.rejected_file(upload, file, clock.now())


ROUTES = [
    listed, new, upload, show, change, progress, mapping, more, add_files, remove_file, discard, rejected,
]  # fmt: skip
