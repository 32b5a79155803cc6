"""A message as a client would get it, mailed to whoever writes its text: by the same way that clients' mails go."""

from __future__ import annotations

from console import i18n
from console.composed import Composed
from console.domain.errors import Invalid, Problem
from console.routes._letters import CAUSES
from console.routes._page import Req
from workers.channels import Letter, Undelivered
from workers.letters import ByMail


def is_possible(request: Req) -> bool:
    """Whether a mail server is set up."""
    return request.app.state.settings.smtp_url is not None


async def send(request: Req, composed: Composed, key: str) -> str:
    """Mail it to the one who asks, and answer their address. Raises `Invalid` (`who`) with what the server said."""
    if not is_possible(request):
        raise Invalid({"who": Problem("problem.no_mail_server")})
    one = request.user
    try:
        await ByMail(request.app.state.settings, quoting=True).send(
            Letter(f"trial-{key}", one.name, one.email, composed)
        )
    except Undelivered as error:
        why = " ".join(filter(None, (i18n.gettext(CAUSES[error.why.cause]), error.why.said)))
        raise Invalid({"who": Problem("problem.trial_not_sent", {"why": why})}) from None
    return i18n.email(one.email)
