"""The mailbox: what would have been mailed to staff, where no mail server is set."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console import i18n
from console.domain.errors import NotFound
from console.domain.team import mail
from console.domain.team.rules import Permission
from console.mailing import write
from console.routes._guards import needs
from console.routes._page import Req, page


@get("/settings/mailbox", opt=needs(Permission.MAILBOX_READ))
async def mailbox(request: Req) -> Response[Any]:
    config = _config(request)
    zone = request.scope["state"]["business"].zone
    language = i18n.current()
    mails = [
        {"mail": one, "subject": write(one, config.public_url).subject, "due": one.due_at}
        for one in await mail.mailbox()
    ]
    i18n.use(language)
    rows = [{**row, "time": i18n.moment(row["due"], zone)} for row in mails]  # type: ignore[arg-type]
    return await page(request, "mailbox/list.html", i18n.gettext("title.mailbox"), mails=rows)


@get("/settings/mailbox/{mail_id:int}", opt=needs(Permission.MAILBOX_READ))
async def letter(request: Req, mail_id: FromPath[int]) -> Response[Any]:
    config = _config(request)
    one = await mail.one(mail_id)
    if one is None:
        raise NotFound
    language = i18n.current()
    written = write(one, config.public_url)
    i18n.use(language)
    time = i18n.moment(one.due_at, request.scope["state"]["business"].zone)
    return await page(request, "mailbox/mail.html", written.subject, mail=one, written=written, time=time)


def _config(request: Req) -> Any:
    config = request.app.state.settings
    if config.smtp_url:
        raise NotFound
    return config


ROUTES = [mailbox, letter]
