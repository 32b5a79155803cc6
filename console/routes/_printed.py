"""Documents as answers: printed as long as somebody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from litestar import Response
from litestar.types import Receive

from console.printing import Unprintable
from console.routes._edge import Left
from console.routes._listing import download
from console.routes._page import Req

T = TypeVar("T")


async def printed(request: Req, html: str, name: str, too_large: type[Unprintable]) -> Response[Any]:
    """A document to look at. Raises `too_large`, which says what can be narrowed of this one, `Busy`, `Left`."""
    try:
        content = await while_waiting(request.receive, request.app.state.printer.pdf(html))
    except Unprintable:
        raise too_large from None
    return download(content, "application/pdf", name, inline=True)


async def while_waiting(receive: Receive, making: Awaitable[T]) -> T:
    """What is made for somebody who waits; once they hang up, it is given up. Raises `Left` then."""
    made = asyncio.ensure_future(making)
    gone = asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait({made, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not made.done():
            raise Left
        return made.result()
    finally:
        made.cancel()
        gone.cancel()
        await asyncio.gather(made, gone, return_exceptions=True)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
