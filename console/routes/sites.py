"""Places of clients' where the work is done."""

from __future__ import annotations

from console.domain.clients import contacts, erasing, parts
from console.routes._client_parts import SITE
from console.routes._part import Part, routes

ROUTES = routes(
    Part(
        name="site",
        spec=SITE,
        about=contacts.AboutSite,
        titles=("title.site_new", "words.remove_site", "title.erase_site"),
        called=lambda one: one.shown,
        one=parts.site,
        add=contacts.add_site,
        change=contacts.change_site,
        remove=contacts.remove_site,
        erase=erasing.erase_site,
    )
)
