"""The business's settings: name, logo, contacts, currency, languages."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from console import i18n
from console.domain.business import actions, pictures, queries
from console.domain.errors import Forbidden, Problem
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes._choices import currencies, languages
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page, settings_items, wants_fragment
from console.routes._session import language_of
from console.routes._submit import Saved, submit

SETTINGS = "/settings/business"
OPT = needs(Permission.BUSINESS_CHANGE)


def _picture(content: bytes) -> bytes:
    try:
        pictures.media_type(content)
    except pictures.NoPicture as no_picture:
        raise f.Bad(no_picture.problem.key, **no_picture.problem.params) from None
    return content


LOGO = (
    f.file("logo", _picture, hint="hint.logo", params={"limit": pictures.LARGEST // 1024**2}),
    f.tick("without_logo"),
)


def _fields(request: Req) -> tuple[f.Field, ...]:
    """What the form asks, in the order that it is read in; the currency in use is among those offered."""
    currency = request.scope["state"]["business"].currency
    return (
        f.text("name", limit=100, label="field.business_name"),
        *LOGO,
        f.choice("currency", lambda: currencies(currency), label="field.currency"),
        f.several("languages", languages, label="field.languages", hint="hint.languages"),
        f.choice("language", languages, kind="radio", label="field.language_default", hint="hint.language_default"),
        f.phone("phone", required=False),
        f.email("email", required=False, label="field.email_public"),
        f.website("website", required=False, label="field.website"),
        f.area("address", required=False, limit=300),
    )


async def _settings(request: Req, form: Form, status: int = 200) -> Response[Any]:
    if "logo" in form.files and "logo" not in form.problems:
        form.problems["logo"] = Problem("problem.picture_again")
    return await page(request, "business/settings.html", i18n.gettext("title.business"), status=status, form=form)


async def _saved() -> Saved:
    details = await queries.details()
    return Saved(asdict(details), details.version, details.operation)


@get("/settings", opt=OPT)
async def first_settings(request: Req) -> Response[Any]:
    """The first page of the settings that somebody may open. Raises `Forbidden` where there is none."""
    items = settings_items(request)
    if not items:
        raise Forbidden
    return Redirect(items[0].url)


@get(SETTINGS, opt=OPT)
async def settings(request: Req) -> Response[Any]:
    saved = await _saved()
    values = {**saved.values, "logo": None}
    return await _settings(request, Form.blank(request, "business", _fields(request), values, saved.version))


async def _change(intent: Intent, values: dict[str, Any]) -> Outcome[None]:
    about = {one.name: values[one.name] for one in fields(actions.About)} | {"languages": tuple(values["languages"])}
    return await actions.change(
        intent, values["version"], actions.About(**about), values["logo"], values["without_logo"]
    )


@post(SETTINGS, opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req) -> Response[Any]:
    """Save them; where the language of the page changes with them, a browser with htmx opens it whole."""
    response = await submit(
        request,
        "business",
        _fields(request),
        act=lambda intent, values: _change(intent, values),
        show=_settings,
        then=SETTINGS,
        saved=lambda _: _saved(),
    )
    saved = response.status_code == 303
    if saved and wants_fragment(request) and language_of(request, await queries.business()) != i18n.current():
        return Response(b"", headers={"HX-Redirect": SETTINGS}, status_code=200, cookies=response.cookies)
    return response


ROUTES = [first_settings, settings, change]
