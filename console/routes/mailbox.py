"""The mailbox: what would have been mailed to staff, where no mail server is set."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.errors import NotFound
from console.domain.team import mail
from console.domain.team.rules import Permission
from console.mailing import write
from console.routes._guards import needs
from console.routes._page import Req, page


@get("/settings/mailbox", opt=needs(Permission.MAILBOX_READ))
async def mailbox(request: Req) -> Response[Any]:
    config, now = _config(request), clock.now()
    mails = [(one, write(one, config.public_url).subject) for one in await mail.mailbox(now)]
    rows = [{"mail": one, "subject": subject, **_times(request, one)} for one, subject in mails]
    return await page(request, "mailbox/list.html", i18n.gettext("title.mailbox"), mails=rows)


@get("/settings/mailbox/{mail_id:int}", opt=needs(Permission.MAILBOX_READ))
async def letter(request: Req, mail_id: FromPath[int]) -> Response[Any]:
    config, now = _config(request), clock.now()
    one = await mail.one(mail_id, now)
    if one is None:
        raise NotFound
    written = write(one, config.public_url)
    context: dict[str, Any] = {"mail": one, "written": written, "only_here": config.only_here, **_times(request, one)}
    return await page(request, "mailbox/mail.html", written.subject, **context)


def _times(request: Req, one: mail.Kept) -> dict[str, str]:
    """In words: when it was written, and until when its link is good."""
    zone = request.scope["state"]["business"].zone
    until = i18n.moment(one.good_until, zone) if one.good_until else ""
    return {"time": i18n.moment(one.due_at, zone), "until": until}


def _config(request: Req) -> Any:
    config = request.app.state.settings
    if config.smtp_url:
        raise NotFound
    return config


ROUTES = [mailbox, letter]
