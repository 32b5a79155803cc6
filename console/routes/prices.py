"""Prices to come, taken back."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from console.domain.catalogue import actions
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._prices import CHANGE
from console.routes._submit import press


def _page_of(of: dict[str, int | None]) -> str:
    return f"/catalogue/services/{of['service']}" if of["service"] else f"/catalogue/products/{of['product']}"


@post("/catalogue/prices/{price:int}/withdrawal", opt=CHANGE)
async def withdrawal(request: Req, price: FromPath[int]) -> Response[Any]:
    """Take back a price that has not begun, as it was read."""
    read = (await Form.read(request, "button", ())).version or 0
    return await press(request, lambda intent: actions.withdraw_price(intent, price, read), _page_of)


ROUTES = [withdrawal]
