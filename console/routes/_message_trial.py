"""A message as a client would get it, sent to whoever writes its text: by the same ways that clients' messages go."""

from __future__ import annotations

from collections.abc import Mapping

from console import i18n
from console.composed import Composed
from console.domain.errors import Invalid, Problem
from console.domain.team.trouble import Cause
from console.routes import _fields as f
from console.routes._letters import CAUSES
from console.routes._message_words import SMS_CAUSES
from console.routes._page import Req
from workers.channels import Adapter, Letter, Undelivered
from workers.letters import ByMail
from workers.sms import BySms

PHONE = f.phone("trial_phone", required=False, label="field.trial_phone", autocomplete="tel")


def by_mail(request: Req) -> bool:
    """Whether a mail server is set up."""
    return request.app.state.settings.smtp_url is not None


def by_sms(request: Req) -> bool:
    """Whether a gateway for SMS is set up."""
    return request.app.state.settings.sms_url is not None


async def mail(request: Req, composed: Composed, key: str) -> str:
    """Mail it to the one who asks, and answer their address. Raises `Invalid` (`who`) with what the server said."""
    if not by_mail(request):
        raise Invalid({"who": Problem("problem.no_mail_server")})
    one = request.user
    adapter = ByMail(request.app.state.settings, quoting=True)
    await _send(adapter, Letter(f"trial-{key}", one.name, one.email, composed), "who", CAUSES)
    return i18n.email(one.email)


async def sms(request: Req, composed: Composed, key: str, phone: str | None) -> str:
    """Send it as an SMS to a phone, and answer its number. Raises `Invalid` (`trial_phone`): why it did not go."""
    if not by_sms(request):
        raise Invalid({"who": Problem("problem.no_sms_gateway")})
    if phone is None:
        raise Invalid({PHONE.name: Problem("problem.required")})
    adapter = BySms(request.app.state.settings)
    await _send(adapter, Letter(f"trial-{key}", request.user.name, phone, composed), PHONE.name, SMS_CAUSES)
    return i18n.phone(phone)


async def _send(adapter: Adapter, letter: Letter, field: str, causes: Mapping[Cause, str]) -> None:
    try:
        await adapter.send(letter)
    except Undelivered as error:
        why = " ".join(filter(None, (i18n.gettext(causes[error.why.cause]), error.why.said)))
        raise Invalid({field: Problem("problem.trial_not_sent", {"why": why})}) from None
