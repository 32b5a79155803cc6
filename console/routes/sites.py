"""Places of clients' where the work is done."""

from __future__ import annotations

from console.domain.clients import contacts, parts
from console.domain.clients.contacts import AboutSite
from console.routes._client_parts import SITE
from console.routes._part import Part, routes

ROUTES = routes(
    Part(
        name="site",
        folder="sites",
        entity="client_site",
        id="client_site",
        of="of",
        spec=SITE,
        titles=("title.site_new", "words.remove_site"),
        called=lambda one: one.shown,
        one=parts.site,
        add=lambda intent, client, said: contacts.add_site(intent, client, AboutSite(**said)),
        change=lambda intent, one, version, said: contacts.change_site(intent, one, version, AboutSite(**said)),
        remove=contacts.remove_site,
    )
)
