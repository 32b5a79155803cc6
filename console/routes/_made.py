"""A print that is waited for, and the print itself as it was handed out, on whichever pages it has its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import Response
from litestar.response import Redirect

from console import i18n
from console.domain import clock
from console.domain.errors import NotFound
from console.domain.policies import jobs, queries
from console.domain.policies.queries import PrintedView, Waiting
from console.domain.policies.rules import Sheet
from console.prints import Composed
from console.routes._listing import download
from console.routes._page import Req, frame, rendered

KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}
"""What is kept under a hash never changes."""


@dataclass(frozen=True)
class Made:
    """Prints beneath an address: which ones have their place there, and what they are called."""

    base: str
    has: Callable[[Sheet], bool]
    title: Callable[[Sheet], str]

    def url(self, digest: bytes) -> str:
        return f"{self.base}/{digest.hex()}"

    def pdf_url(self, digest: bytes) -> str:
        return f"{self.url(digest)}?as=pdf"

    async def ask(self, whole: Composed) -> Response[Any]:
        """Have a document printed, unless it is there, and go where it is waited for."""
        if await queries.printed(whole.digest) is None:
            await jobs.ask(whole.digest, whole.sheet, whole.html, clock.now())
        return Redirect(self.url(whole.digest), status_code=303)

    async def pdf(self, digest: str) -> Response[Any]:
        """The print. Raises `NotFound` where it is not there yet."""
        asked = _digest(digest)
        kept, content = await queries.printed(asked), await queries.content(asked)
        if kept is None or content is None or not self.has(kept.sheet):
            raise NotFound
        answer = download(content, "application/pdf", f"{self.title(kept.sheet)}.pdf", inline=True)
        answer.headers.update(KEPT)
        return answer

    async def state(self, digest: str) -> tuple[Sheet, dict[str, Any]]:
        """What is printed, and how far it is. Raises `NotFound`."""
        asked = _digest(digest)
        kept: PrintedView | Waiting | None = await queries.printed(asked)
        waits = None if kept else await queries.waiting(asked, clock.now())
        # Between the two looks it may have been finished: then it is there.
        found = kept or waits or await queries.printed(asked)
        if found is None or not self.has(found.sheet):
            raise NotFound
        failed = i18n.gettext(waits.failed) if waits and waits.failed else None
        return found.sheet, {"url": self.url(asked), "waits": waits, "failed": failed}

    async def progress(self, request: Req, digest: str) -> Response[Any]:
        """The part of a page that changes while one waits."""
        sheet, state = await self.state(digest)
        return rendered("prints/_state.html", frame(request, self.title(sheet)), state, status=200)


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        raise NotFound from None
    if len(digest) != 32 or digest.hex() != text:
        raise NotFound
    return digest
