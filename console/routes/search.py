"""The omnibox: whatever there is to go to, by part of its name."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from console import i18n
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.routes._guards import needs
from console.routes._page import Item, Req, frame, page, settings_items

LONGEST = 200


@get("/search", opt=needs(Permission.OVERVIEW_READ))
async def search(request: Req) -> Response[Any]:
    query = request.query_params.get("q", "").strip()[:LONGEST]
    wanted = query.casefold()
    pages = [*frame(request, "").nav, *settings_items(request), Item(i18n.gettext("title.profile"), "/profile", "key")]
    found = [
        {"label": item.label, "url": item.url, "icon": item.icon, "note": ""}
        for item in {item.url: item for item in reversed(pages)}.values()
        if wanted and wanted in item.label.casefold()
    ]
    if wanted and request.user.actor.may(Permission.STAFF_READ):
        found += [
            {"label": one.name, "url": f"/settings/staff/{one.id}", "icon": "staff", "note": one.email}
            for one in await team.colleagues()
            if wanted in one.name.casefold() or wanted in one.email
        ]
    return await page(request, "search/page.html", i18n.gettext("title.search"), query=query, found=found)


ROUTES = [search]
