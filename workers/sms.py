"""Messages to clients by SMS: a signed request to the gateway of SMS_URL, with a key that tells a second copy."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from http import HTTPStatus

import httpx

from console.config import Settings
from console.domain.team.trouble import Cause, Trouble
from workers.channels import Letter, Undelivered

PATIENCE = 10.0
"""Seconds that the gateway may take to be reached."""
TIMEOUT = 40.0
"""Seconds that it may take for all of it."""
_CAUSES = {
    HTTPStatus.UNAUTHORIZED: Cause.LOGIN,
    HTTPStatus.FORBIDDEN: Cause.LOGIN,
    HTTPStatus.REQUEST_TIMEOUT: Cause.LATER,
    HTTPStatus.CONFLICT: Cause.SILENT,
    HTTPStatus.TOO_MANY_REQUESTS: Cause.LATER,
    HTTPStatus.SERVICE_UNAVAILABLE: Cause.LATER,
}
"""What an answer means that is no plain refusal; another error of the gateway's own says nothing of the message."""


class BySms:
    """The gateway. Whether it knows a second copy by its key, the operator says."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.deduplicates = settings.sms_deduplicates

    async def send(self, letter: Letter) -> None:
        try:
            async with asyncio.timeout(TIMEOUT), httpx.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.send(self._request(client, letter))
        except Exception as error:
            raise Undelivered(Trouble(cause := _cause(error), _said(cause, error))) from None
        if not answer.is_success:
            raise Undelivered(Trouble(_answered(answer.status_code), str(answer.status_code)))

    def _request(self, client: httpx.AsyncClient, letter: Letter) -> httpx.Request:
        told = {"to": letter.address, "text": letter.composed.sms, "id": letter.key}
        if self._settings.sms_from:
            told["from"] = self._settings.sms_from
        body, at = json.dumps(told, ensure_ascii=False).encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": letter.key,
            "X-Timestamp": at,
            "X-Signature": f"sha256={signature(self._settings.sms_secret, at, body)}",
        }
        timeout = httpx.Timeout(PATIENCE, read=TIMEOUT).as_dict()
        url = self._settings.sms_url or ""
        return client.build_request("POST", url, content=body, headers=headers, extensions={"timeout": timeout})


def signature(secret: str, at: str, body: bytes) -> str:
    """What only who knows the secret can make of a request: its instant, in seconds, and its body."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def _answered(status: int) -> Cause:
    if known := _CAUSES.get(HTTPStatus(status) if status in set(HTTPStatus) else HTTPStatus.OK):
        return known
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Cause.SILENT
    return Cause.REFUSED if status >= HTTPStatus.BAD_REQUEST else Cause.LATER


def _said(cause: Cause, error: Exception) -> str:
    """What went wrong; of what the other side sent in its place nothing: it may quote the message."""
    ours = cause in (Cause.AWAY, Cause.NO_TLS) and str(error)
    return ours or type(error).__name__


def _cause(error: Exception) -> Cause:
    """Only what failed before there was a connection is known not to have arrived."""
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE" in str(error).upper():
        return Cause.NO_TLS
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return Cause.AWAY
    return Cause.SILENT if isinstance(error, (httpx.TransportError, TimeoutError)) else Cause.OURS
