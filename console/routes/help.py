"""Help: how the day of each role goes, the keys, and the terms of the programme; all of it without a script."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from console import i18n
from console.domain.team.rules import Permission
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._terms import all_terms


@get("/help", opt=needs(Permission.OVERVIEW_READ))
async def show(request: Req) -> Response[Any]:
    return await page(request, "help/page.html", i18n.gettext("title.help"), terms=all_terms())


ROUTES = [show]
