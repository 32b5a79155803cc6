"""What tickets are sorted by: their categories, and how soon each priority is to be answered and resolved."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.ids import TicketCategoryId, TicketMailId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets import mail as mails
from console.domain.tickets import settings
from console.domain.tickets.rules import Priority
from console.domain.tickets.sla import Target
from console.routes import _fields as f
from console.routes import _names, _ticket_mail
from console.routes import _tickets as words
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit
from console.routes._ticket_words import PRIORITIES

LIST = "/settings/tickets"
CATEGORIES = f"{LIST}/categories"
OPT = needs(Permission.TICKET_SETTINGS)
LAST_PLACE = 999
PARTS = {
    "first_reply": "field.target_first_reply",
    "resolution": "field.target_resolution",
    "warn": "field.target_warn",
}
"""The parts of a target, and the keys of their labels."""
HOLDS = f.tick("holds", label="field.category_holds", hint="hint.category_holds")


def _target_fields() -> tuple[f.Field, ...]:
    """Open minutes, by priority: until the first reply, until it is resolved, and how long before that we warn."""
    return tuple(
        f.of(
            PRIORITIES[priority],
            f.whole(f"{priority}_{part}", 0 if part == "warn" else 1, settings.LONGEST, label=label),
        )
        for priority in reversed(Priority)
        for part, label in PARTS.items()
    )


async def _saved_targets() -> Saved:
    stands = await settings.targets_view()
    values = {
        f"{priority}_{part}": getattr(target, part) for priority, target in stands.by_priority.items() for part in PARTS
    }
    return Saved(values, stands.versions, stands.operation)


async def _show(request: Req, form: Form, status: int = 200) -> Response[Any]:
    known = await settings.categories()
    return await page(
        request,
        "ticket_settings/page.html",
        i18n.gettext("title.ticket_settings"),
        status=status,
        form=form,
        rows=[{"category": one, "name": _names.shown(request, one.names)} for one in known],
        box=await _ticket_mail.box(request),
        priorities=[(one.value, words.priority_words(one)["label"]) for one in reversed(Priority)],
    )


@get(LIST, opt=OPT)
async def show(request: Req) -> Response[Any]:
    saved = await _saved_targets()
    return await _show(request, Form.blank(request, "targets", _target_fields(), saved.values, saved.version))


@post(LIST, opt=OPT, request_max_body_size=FORM_LIMIT)
async def change_targets(request: Req) -> Response[Any]:
    """Say how soon tickets are to be answered and resolved."""

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        said = {one: Target(*(values[f"{one}_{part}"] for part in PARTS)) for one in Priority}
        return await settings.change_targets(intent, values["version"], said)

    return await submit(
        request,
        "targets",
        _target_fields(),
        act=act,
        show=_show,
        then=LIST,
        saved=lambda _: _saved_targets(),
        fresh=LIST,
    )


def _new_fields(request: Req) -> tuple[f.Field, ...]:
    return (*_names.fields(request, limit=80), HOLDS)


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    title = i18n.gettext("title.ticket_category_new")
    return await page(request, "ticket_settings/new.html", title, status=status, form=form)


@get(f"{CATEGORIES}/new", opt=OPT)
async def new(request: Req) -> Response[Any]:
    """The empty form of a category."""
    return await _new(request, Form.blank(request, "ticket_category", _new_fields(request)))


@post(CATEGORIES, opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "ticket_category",
        _new_fields(request),
        act=lambda intent, v: settings.add_category(intent, _names.read(v), v["holds"]),
        show=_new,
        then=LIST,
        saved=lambda ids: _saved(ids["ticket_category"]),
        fresh=lambda ids: f"{CATEGORIES}/{ids['ticket_category']}",
    )


async def _saved(category: int) -> Saved:
    one = await settings.category(category)
    values = {**_names.values(one.names), "position": one.position, "holds": one.holds}
    return Saved(values, one.version, one.operation)


async def _fields(request: Req, category: int) -> tuple[f.Field, ...]:
    position = f.whole("position", 1, LAST_PLACE, label="field.position", hint="hint.position")
    return (*_names.fields(request, limit=80, known=(await settings.category(category)).names), position, HOLDS)


async def _category(request: Req, category: int, form: Form, status: int = 200) -> Response[Any]:
    one = await settings.category(category)
    title = _names.shown(request, one.names)
    return await page(request, "ticket_settings/category.html", title, status=status, form=form, category=one)


@get(f"{CATEGORIES}/{{category:int}}", opt=OPT)
async def category(request: Req, category: FromPath[int]) -> Response[Any]:
    """The form of a category."""
    saved, fields = await _saved(category), await _fields(request, category)
    form = Form.blank(request, "ticket_category", fields, saved.values, saved.version)
    return await _category(request, category, form)


@post(f"{CATEGORIES}/{{category:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, category: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "ticket_category",
        await _fields(request, category),
        act=lambda intent, v: settings.change_category(
            intent, TicketCategoryId(category), v["version"], _names.read(v), v["position"], v["holds"]
        ),
        show=lambda asked, form, status: _category(asked, category, form, status),
        then=LIST,
        saved=lambda _: _saved(category),
    )


@post(f"{LIST}/mails/{{mail:int}}/dismissal", opt=OPT)
async def dismissal(request: Req, mail: FromPath[int]) -> Response[Any]:
    """Show a mail that was set aside no more."""
    return await press(request, lambda intent: mails.dismiss(intent, TicketMailId(mail)), LIST)


@post(f"{CATEGORIES}/{{category:int}}/retirement", opt=OPT)
async def retirement(request: Req, category: FromPath[int]) -> Response[Any]:
    """Offer it no more."""
    return await press(request, lambda intent: settings.retire_category(intent, TicketCategoryId(category)), LIST)


@post(f"{CATEGORIES}/{{category:int}}/readmission", opt=OPT)
async def readmission(request: Req, category: FromPath[int]) -> Response[Any]:
    """Offer it again."""
    return await press(request, lambda intent: settings.readmit_category(intent, TicketCategoryId(category)), LIST)


ROUTES = [show, change_targets, new, add, category, change, retirement, readmission, dismissal]
