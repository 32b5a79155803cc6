"""Colleagues: the list, invitations, changes, and closing an account."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.errors import Forbidden
from console.domain.ids import StaffId
from console.domain.team import accounts, mail, queries, two_step
from console.domain.team.rules import Permission, Role, may_manage
from console.mailing import link_url
from console.routes import _fields as f
from console.routes import _letters
from console.routes._choices import spoken
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, links_waiting, page
from console.routes._signed_in import signed_in
from console.routes._submit import Saved, press, submit

LIST = "/settings/staff"
ROLE_HINTS = {
    Role.FRONT_DESK: "hint.role_front_desk",
    Role.SUPPORT: "hint.role_support",
    Role.MANAGER: "hint.role_manager",
    Role.OWNER: "hint.role_owner",
}


def role(request: Req) -> f.Field:
    """The roles that the signed-in person may give."""
    own = request.user.role
    given = [role for role in Role if may_manage(own, role)]
    return f.choice(
        "role",
        lambda: [(role.value, i18n.gettext(f"role.{role}")) for role in given],
        hints=lambda: {role.value: i18n.gettext(ROLE_HINTS[role]) for role in given},
        kind="radio",
    )


NAME = f.text("name", limit=100, autocomplete="off")
CURRENT = f.secret("current", required=False, hint="hint.current_for_address", autocomplete="current-password")


def _language(request: Req) -> f.Field:
    """The languages of the business, in which somebody can be written to."""
    offered = spoken(request.scope["state"]["business"].languages)
    choices = [("", i18n.gettext("words.as_business")), *offered]
    return f.choice("language", lambda: choices, required=False, label="field.language_mail")


def _person(request: Req, *, own: bool = False) -> tuple[f.Field, ...]:
    """The name and the address, which say what the address is for: one's own, and where letters leave or do not."""
    if own:
        return (NAME, f.email("email", hint="hint.email_self"), CURRENT)
    by_mail = request.app.state.settings.smtp_url is not None
    return (NAME, f.email("email", hint="hint.email_staff" if by_mail else "hint.email_no_letters"))


@get(LIST, opt=needs(Permission.STAFF_READ))
async def listed(request: Req) -> Response[Any]:
    colleagues = await queries.colleagues()
    waiting = {one.staff for one in await links_waiting(request)}
    zone, now = request.scope["state"]["business"].zone, clock.now()
    rows = [
        {
            "person": one,
            "role": i18n.gettext(f"role.{one.role}"),
            "seen": i18n.moment(one.seen_at, zone) if one.seen_at else "",
            "waiting": one.id in waiting,
            "trouble": one.trouble(now) is not None,
            "manageable": may_manage(request.user.role, one.role),
        }
        for one in colleagues
    ]
    return await page(
        request,
        "staff/list.html",
        i18n.gettext("title.staff"),
        rows=rows,
        may_change=request.user.actor.may(Permission.STAFF_CHANGE),
        held_up=await _letters.held_up(request),
        lead_nowhere=_letters.lead_nowhere(request),
    )


async def _invitation(request: Req, form: Form, status: int = 200) -> Response[Any]:
    by_mail = request.app.state.settings.smtp_url is not None
    return await page(
        request, "staff/invite.html", i18n.gettext("title.invite"), status=status, form=form, by_mail=by_mail
    )


@get(f"{LIST}/new", opt=needs(Permission.STAFF_CHANGE))
async def invitation(request: Req) -> Response[Any]:
    form = Form.blank(
        request, "staff", (*_person(request), role(request), _language(request)), {"role": Role.FRONT_DESK}
    )
    return await _invitation(request, form)


@post(LIST, opt=needs(Permission.STAFF_CHANGE), request_max_body_size=FORM_LIMIT)
async def invite(request: Req) -> Response[Any]:
    return await submit(
        request,
        "staff",
        (*_person(request), role(request), _language(request)),
        act=lambda intent, v: accounts.invite(intent, v["name"], v["email"], Role(v["role"]), v["language"]),
        show=_invitation,
        then=lambda ids: f"{LIST}/{ids['staff']}",
        saved=lambda ids: _saved(ids["staff"]),
        fresh=lambda ids: f"{LIST}/{ids['staff']}",
    )


async def _saved(staff: int) -> Saved:
    one = await queries.colleague(staff)
    values = {"name": one.name, "email": one.email, "role": one.role, "language": one.language or ""}
    return Saved(values, one.version, one.operation, one.name)


async def _account(request: Req, staff: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.colleague(staff)
    may_change = request.user.actor.may(Permission.STAFF_CHANGE) and may_manage(request.user.role, one.role)
    if status != 200 and not may_change:
        raise Forbidden
    ends_sessions = may_change and not one.retired_at and one.id != request.user.staff
    return await page(
        request,
        "staff/account.html",
        one.name,
        status=status,
        form=form,
        person=one,
        role=i18n.gettext(f"role.{one.role}"),
        may_change=may_change,
        of_managers=may_manage(Role.MANAGER, one.role),
        myself=one.id == request.user.staff,
        by_mail=request.app.state.settings.smtp_url is not None,
        link=await _link_to_hand_over(request, staff) if may_change else None,
        trouble=_trouble(request, one),
        notices=await _letters.notices(request, one.id),
        only_here=request.app.state.settings.only_here,
        sessions=await signed_in(request, staff) if ends_sessions else None,
    )


def _trouble(request: Req, one: queries.Colleague) -> dict[str, str] | None:
    """What holds up the last letter with a link, in words; when it is tried again, and what the mail server said."""
    trouble = one.trouble(clock.now())
    return _letters.told(request, trouble, one.mail, one.mail_due) if trouble else None


async def _link_to_hand_over(request: Req, staff: int) -> str | None:
    """The link that waits for somebody, where there is no mail server to bring it."""
    config = request.app.state.settings
    token = None if config.smtp_url else await mail.waiting_link(staff, clock.now())
    return link_url(config.public_url, token) if token else None


def _spec(request: Req, staff: int) -> tuple[f.Field, ...]:
    """The fields of an account: one's own takes the password for another address."""
    return (*_person(request, own=staff == request.user.staff), role(request))


@get(f"{LIST}/{{staff:int}}", opt=needs(Permission.STAFF_READ))
async def account(request: Req, staff: FromPath[int]) -> Response[Any]:
    saved = await _saved(staff)
    form = Form.blank(request, "staff", _spec(request, staff), saved.values, saved.version)
    return await _account(request, staff, form)


@post(f"{LIST}/{{staff:int}}", opt=needs(Permission.STAFF_CHANGE), request_max_body_size=FORM_LIMIT)
async def change(request: Req, staff: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "staff",
        _spec(request, staff),
        act=lambda intent, v: accounts.change(
            intent, StaffId(staff), v["version"], v["name"], v["email"], Role(v["role"]), v.get("current")
        ),
        show=lambda asked, form, status: _account(asked, staff, form, status),
        then=f"{LIST}/{staff}",
        saved=lambda _: _saved(staff),
    )


@post(f"{LIST}/{{staff:int}}/link", opt=needs(Permission.STAFF_CHANGE))
async def link(request: Req, staff: FromPath[int]) -> Response[Any]:
    """Send the invitation or a reset link once more."""
    return await press(request, lambda intent: accounts.send_link(intent, StaffId(staff)), f"{LIST}/{staff}")


@post(f"{LIST}/{{staff:int}}/retirement", opt=needs(Permission.STAFF_CHANGE))
async def retirement(request: Req, staff: FromPath[int]) -> Response[Any]:
    """Close the account."""
    return await press(request, lambda intent: accounts.retire(intent, StaffId(staff), None), LIST)


@post(f"{LIST}/{{staff:int}}/readmission", opt=needs(Permission.STAFF_CHANGE))
async def readmission(request: Req, staff: FromPath[int]) -> Response[Any]:
    """Open a closed account again."""
    return await press(request, lambda intent: accounts.readmit(intent, StaffId(staff), None), f"{LIST}/{staff}")


@post(f"{LIST}/{{staff:int}}/two-step-removal", opt=needs(Permission.STAFF_CHANGE))
async def two_step_removal(request: Req, staff: FromPath[int]) -> Response[Any]:
    """Let somebody who lost their phone in by password alone."""
    return await press(request, lambda intent: two_step.turn_off_two_step_of(intent, StaffId(staff)), f"{LIST}/{staff}")


@post(f"{LIST}/{{staff:int}}/sessions/{{session:int}}/end", opt=needs(Permission.STAFF_CHANGE))
async def session_end(request: Req, staff: FromPath[int], session: FromPath[int]) -> Response[Any]:
    """Sign a colleague out in one browser: a phone was lost, a shared desk was left open."""
    return await press(request, lambda intent: accounts.sign_out(intent, StaffId(staff), session), f"{LIST}/{staff}")


@post(f"{LIST}/{{staff:int}}/sessions/end", opt=needs(Permission.STAFF_CHANGE))
async def sessions_end(request: Req, staff: FromPath[int]) -> Response[Any]:
    """Sign a colleague out everywhere."""
    return await press(request, lambda intent: accounts.sign_out(intent, StaffId(staff)), f"{LIST}/{staff}")


ROUTES = [
    listed,
    invitation,
    invite,
    account,
    change,
    link,
    retirement,
    readmission,
    two_step_removal,
    session_end,
    sessions_end,
]
