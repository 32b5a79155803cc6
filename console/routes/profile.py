"""One's own account: name, password, second step, sessions; its language is chosen by the switch of every page."""

from __future__ import annotations

import secrets
from typing import Any

import pyotp
import segno
from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.errors import DomainError, NotFound, Throttled
from console.domain.secret import Secret
from console.domain.team import door, passwords, profiles, queries
from console.domain.team import two_step as second_step
from console.domain.team.browsers import known_cookie
from console.domain.team.codes import plain_code
from console.domain.team.rules import MIN_PASSWORD, Permission
from console.routes import _fields as f
from console.routes._entry import entry_cookies
from console.routes._errors import status_of
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, done, page
from console.routes._session import Held, browser
from console.routes._signed_in import signed_in
from console.routes._submit import Saved, press, submit

OPT = needs(Permission.PROFILE_CHANGE)
PROFILE = (f.text("name", limit=100, autocomplete="name"),)
PASSWORD = (
    f.secret("current", autocomplete="current-password"),
    f.secret(
        "password",
        label="field.password_new",
        hint="hint.password",
        params={"least": MIN_PASSWORD},
        autocomplete="new-password",
    ),
)
OFF = (f.secret("current", autocomplete="current-password"),)
RECOVERY_CODES = 8


def _key(typed: str) -> str:
    if len(typed) != 32 or not set(typed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        raise f.Bad("problem.form")
    return typed


def _recovery(typed: str) -> tuple[Secret, ...]:
    codes = [plain_code(code) for code in typed.split()]
    if len(codes) != RECOVERY_CODES or len(set(codes)) != RECOVERY_CODES or any(len(code) != 10 for code in codes):
        raise f.Bad("problem.form")
    return tuple(Secret(code) for code in codes)


TWO_STEP = (
    f.text("code", kind="otp", limit=30, label="field.code_now"),
    f.secret("current", autocomplete="current-password"),
    f.hidden("secret", _key, unsaid=True),
    f.hidden("recovery", _recovery, unsaid=True),
)


async def _saved(request: Req) -> Saved:
    one = await queries.colleague(request.user.staff)
    return Saved({"name": one.name}, one.version, one.operation, one.name)


async def _page(request: Req, form: Form | None = None, status: int = 200, **forms: Form) -> Response[Any]:
    saved = await _saved(request)
    one = await queries.colleague(request.user.staff)
    context: dict[str, Any] = {
        "form": form or Form.blank(request, "profile", PROFILE, saved.values, saved.version),
        "password_form": Form.blank(request, "password", PASSWORD),
        "off_form": Form.blank(request, "two_step_off", OFF),
        **forms,
    }
    return await page(
        request,
        "profile/page.html",
        i18n.gettext("title.profile"),
        status=status,
        email=one.email,
        has_password=one.has_password,
        two_step=one.two_step,
        codes_left=await queries.recovery_codes_left(request.user.staff),
        sessions=await signed_in(request, request.user.staff),
        held=_held(request),
        **context,
    )


def _held(request: Req) -> str:
    """One's own language by name, where this session speaks another one that was chosen at the door; else empty."""
    own, held = request.user.language, Held.read(request).of_this_session
    return i18n.NAMES[own] if own and held == i18n.current() and own != held else ""


@get("/profile", opt=OPT)
async def profile(request: Req) -> Response[Any]:
    return await _page(request)


@post("/profile", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req) -> Response[Any]:
    return await submit(
        request,
        "profile",
        PROFILE,
        act=lambda intent, v: profiles.change_profile(intent, v["version"], v["name"]),
        show=_page,
        then="/profile",
        saved=lambda _: _saved(request),
    )


@post("/profile/password", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change_password(request: Req) -> Response[Any]:
    form = await Form.read(request, "password", PASSWORD)
    try:
        values = form.check()
        outcome = await passwords.change_password(
            form.intend(request.user.actor), values["current"], values["password"]
        )
    except (Throttled, passwords.NoPassword):
        raise
    except DomainError as error:
        form.note(error)
        return await _page(request, status=status_of(error), password_form=form)
    signed = request.user
    here = browser(request)
    token = await door.open_session(signed.staff, here, clock.now(), shared=signed.shared)
    entered = door.Entered(token, needs_code=False, known=await known_cookie(signed.staff, here))
    return done(
        request, "/profile", outcome, cookies=entry_cookies(request, entered, Held.read(request).of_this_session)
    )


def _two_step_values() -> dict[str, Any]:
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    codes = ["".join(secrets.choice(alphabet) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return {"secret": pyotp.random_base32(), "recovery": " ".join(f"{code[:5]}-{code[5:]}" for code in codes)}


async def _two_step_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    secret, recovery = form.fields["secret"].value, form.fields["recovery"].value
    facts = request.scope["state"]["business"]
    totp = pyotp.TOTP(secret or pyotp.random_base32())
    uri = totp.provisioning_uri(name=i18n.email(request.user.email), issuer_name=facts.name)
    return await page(
        request,
        "profile/two_step.html",
        i18n.gettext("title.two_step"),
        status=status,
        form=form,
        qr=segno.make(uri, error="m").svg_data_uri(scale=4, border=2, light="#fff"),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        codes=recovery.split(),
        email=request.user.email,
    )


@get("/profile/two-step", opt=OPT)
async def two_step(request: Req) -> Response[Any]:
    one = await queries.colleague(request.user.staff)
    if one.two_step or not one.has_password:  # a phone takes the place of another by way of the password
        return done(request, "/profile")
    return await _two_step_page(request, Form.blank(request, "two_step", TWO_STEP, _two_step_values()))


@post("/profile/two-step", opt=OPT, request_max_body_size=FORM_LIMIT)
async def turn_on(request: Req) -> Response[Any]:
    form = await Form.read(request, "two_step", TWO_STEP)
    try:
        values = form.check()
        outcome = await second_step.turn_on_two_step(
            form.intend(request.user.actor),
            values["current"],
            Secret(values["secret"]),
            Secret(values["code"]),
            values["recovery"],
            keep=request.user.session,
        )
    except (Throttled, passwords.NoPassword):
        raise
    except DomainError as error:
        form.note(error)
        if {"secret", "recovery"} & form.problems.keys():
            form = Form.blank(request, "two_step", TWO_STEP, _two_step_values())
            form.note(error)
        return await _two_step_page(request, form, status_of(error))
    return done(request, "/profile", outcome)


CODES = (f.secret("current", autocomplete="current-password"), f.hidden("recovery", _recovery, unsaid=True))


async def _codes_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(
        request,
        "profile/codes.html",
        i18n.gettext("title.recovery_codes"),
        status=status,
        form=form,
        codes=form.fields["recovery"].value.split(),
        email=request.user.email,
    )


@get("/profile/two-step/codes", opt=OPT)
async def codes(request: Req) -> Response[Any]:
    if not (await queries.colleague(request.user.staff)).two_step:
        return done(request, "/profile")
    return await _codes_page(request, Form.blank(request, "codes", CODES, _two_step_values()))


@post("/profile/two-step/codes", opt=OPT, request_max_body_size=FORM_LIMIT)
async def renew_codes(request: Req) -> Response[Any]:
    """Put the recovery codes that the page showed in place of the older ones."""
    form = await Form.read(request, "codes", CODES)
    try:
        values = form.check()
        outcome = await second_step.renew_codes(form.intend(request.user.actor), values["current"], values["recovery"])
    except (Throttled, NotFound, passwords.NoPassword):
        raise
    except DomainError as error:
        form.note(error)
        if "recovery" in form.problems:
            form = Form.blank(request, "codes", CODES, _two_step_values())
            form.note(error)
        return await _codes_page(request, form, status_of(error))
    return done(request, "/profile", outcome)


@post("/profile/two-step/removal", opt=OPT, request_max_body_size=FORM_LIMIT)
async def turn_off(request: Req) -> Response[Any]:
    form = await Form.read(request, "two_step_off", OFF)
    try:
        outcome = await second_step.turn_off_two_step(form.intend(request.user.actor), form.check()["current"])
    except (Throttled, passwords.NoPassword):
        raise
    except DomainError as error:
        form.note(error)
        return await _page(request, status=status_of(error), off_form=form)
    return done(request, "/profile", outcome)


@post("/profile/sessions/{session:int}/end", opt=OPT)
async def end_session(request: Req, session: FromPath[int]) -> Response[Any]:
    return await press(request, lambda intent: profiles.end_session(intent, session), "/profile")


@post("/profile/sessions/others/end", opt=OPT)
async def end_other_sessions(request: Req) -> Response[Any]:
    keep = request.user.session
    return await press(request, lambda intent: profiles.end_other_sessions(intent, keep), "/profile")


ROUTES = [
    profile,
    change,
    change_password,
    two_step,
    turn_on,
    codes,
    renew_codes,
    turn_off,
    end_session,
    end_other_sessions,
]
